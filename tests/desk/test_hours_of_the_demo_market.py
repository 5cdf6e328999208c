"""Execution plans and hourly accounts find whole sessions in the demo market."""

from datetime import date

import pytest
from openoutcry.desk.accounts.intraday_bars import load_intraday_bars
from openoutcry.desk.execution_plan import LOOKBACK_SESSIONS, hourly_history, volume_curve
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.bars import to_integer_bar
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.market.demo.source import DemoSource, demo_market
from openoutcry.market.view import MarketView

XNYS = trading_calendar("XNYS")
CALDR, INSTRUMENT = Symbol("CALDR"), Instrument("CALDR")


@pytest.fixture(scope="module")
def market() -> DemoSource:
    return demo_market(last=date(2016, 12, 1))


@pytest.mark.parametrize(("day", "count"), [(date(2016, 11, 23), 7), (date(2016, 11, 25), 4)], ids=["whole", "half"])
def test_a_session_is_matched_by_the_hour_without_a_notice(market: DemoSource, day: date, count: int) -> None:
    notices: list[str] = []
    (bar,) = market.bars(CALDR, Interval.DAY, until=XNYS.close(day), count=1)
    days = [(INSTRUMENT, to_integer_bar(bar, INSTRUMENT))]
    hours = load_intraday_bars(market, days, XNYS, day, wanted=True, notify=notices.append)
    assert not notices
    assert len(hours.rows["CALDR"]) == len(hours.starts) == count


def test_a_plan_has_the_volume_curve_of_the_sessions_before(market: DemoSource) -> None:
    history = hourly_history(MarketView(market, XNYS.close(date(2016, 11, 30))), CALDR, XNYS)
    shares, sessions = volume_curve(history, 7)
    assert (history.executing, len(history.sessions)) == (date(2016, 12, 1), LOOKBACK_SESSIONS)
    assert sessions == LOOKBACK_SESSIONS - 1  # without the half day
    assert shares[0] > shares[3]
