"""A vendor publishes a bar or a split some hours or days late, while a paper account processes its sessions."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openoutcry.desk.accounts.market_replay import advance_session, session_data
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.tests.ledger.harness import terms
from vendors.in_memory_vendor import bar, row

from .conftest import FRIDAY, Market, close_of, flat, sessions

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


SHARES, DAYS = 20, sessions(FRIDAY, 7)
EX_DATE = DAYS[3]


def late_split_market(market: Market, known: datetime) -> None:
    """Give a share at 10 that is split 2:1 before the fourth of seven sessions; the vendors list the split later.

    What is fetched after a close counts as known from then on, so the next session is the first to see it.
    """
    before = flat("AAA", DAYS[2], 56)
    after = [bar("AAA", day, 5) for day in DAYS[3:]]
    facts = [
        row(DatasetKind.SPLITS, ticker="AAA", ex_date="2020-01-06", ratio=2),
        row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date="2025-01-06", amount=1),
    ]
    split = row(DatasetKind.SPLITS, ticker="AAA", ex_date=EX_DATE, ratio=2)
    for name in ("one", "two"):
        market.vendor(name).give([*before, *after, *facts]).give([split], since=known)


def process_sessions(market: Market, ledger: Ledger) -> list[tuple[int, int]]:
    """Process each session three hours after its close; return shares and equity after each."""
    found, calendar = [], trading_calendar("XNYS")
    ledger.create("paper", AccountRules(margin=True))
    for number, day in enumerate(DAYS):
        source = market.at(close_of(day) + timedelta(hours=3)).source()
        with ledger.transaction("paper") as broker:
            if not number:
                broker.deposit("opening", 100_000)
                broker.list_instrument(SHARE)
                broker.submit(OrderRequest(terms("in", "buy", SHARES), ()), reference=SHARE.price_scale * 10)
            advance_session(broker, source, calendar, day)
            found.append((broker.book.quantity("AAA"), broker.book.equity))
    return found


@pytest.mark.parametrize("days_late", [1, 2])
def test_an_account_books_a_split_that_the_vendors_list_after_its_session(
    market: Market, tmp_path: Path, days_late: int
) -> None:
    late_split_market(market, close_of(DAYS[3 + days_late]) - timedelta(hours=8))
    with closing(Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", trading_calendar("XNYS"))) as ledger:
        held = process_sessions(market, ledger)
        assert [shares for shares, _ in held] == [20] * (4 + days_late) + [40] * (3 - days_late)
        assert {equity for _, equity in held[:3] + held[4 + days_late :]} == {100_000}
        assert not ledger.broker("paper").book.quarantined
        assert not [check for check in verify(ledger, "paper") if check.breaches]
