"""A vendor publishes the bar of a session some hours after the close; a paper account lives through the session."""

from datetime import timedelta

from openoutcry.desk.accounts.market_replay import session_data
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.instrument import Instrument

from .conftest import FRIDAY, Market, close_of, flat

AAA, SHARE = Symbol("AAA"), Instrument("AAA")


def sessions_of(source, at):
    return [bar.session for bar in source.bars(AAA, Interval.DAY, until=at, count=3)]


def test_an_account_gets_the_bar_that_a_question_after_the_close_missed(market: Market) -> None:
    close, calendar = close_of(FRIDAY), trading_calendar("XNYS")
    *before, last = flat("AAA")
    market.vendor("one").give(before).give([last], since=close + timedelta(hours=2))
    early = market.at(close + timedelta(minutes=1)).source()
    assert FRIDAY not in sessions_of(early, close)
    assert session_data(early, SHARE, calendar, FRIDAY).bar is None
    late = market.at(close + timedelta(hours=3)).source()
    assert session_data(late, SHARE, calendar, FRIDAY).bar is not None
    assert FRIDAY not in sessions_of(late, close)
