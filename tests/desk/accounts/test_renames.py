"""A holding and its orders follow the listing to its new symbol."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.errors import DuplicateOrder, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import RenameRecord
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.events import SymbolRenamed
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.reports.audit import check_book
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.desk.accounts.cases import (
    XNYS,
    buy,
    daily,
    flat_days,
    margin_account,
    sessions,
    shared_case,
    walk,
    write_market,
)

DAYS = sessions(12)
CHANGE = DAYS[5]
OLD, NEW = Symbol("FB"), Symbol("META")


class Recorded:
    """A source that records the rename, and does not know the old symbol from then on."""

    def __init__(self, source, day=CHANGE, known=None):
        self._source, self._day = source, day
        self._rename = RenameRecord(OLD, NEW, day, known or XNYS.open(day))

    def __getattr__(self, name):
        return getattr(self._source, name)

    def renames(self, symbol, *, until):
        return (self._rename,) if symbol == OLD and self._rename.known_at <= until else ()

    def calendar_name(self, symbol):
        return "XNYS"

    def bars(self, symbol, interval, *, until, count):
        if symbol == OLD and until >= self._rename.known_at:
            raise NoData("there is no FB")
        return self._source.bars(symbol, interval, until=until, count=count)


@pytest.fixture
def market(tmp_path):
    old = daily(flat_days(dict.fromkeys(DAYS[:5], 100)), OLD)
    new = daily(flat_days({day: 100 + 2 * place for place, day in enumerate(DAYS[5:])}), NEW)
    dividends = f"ticker,ex_date,amount\nFB,{DAYS[3]},1\nMETA,{DAYS[3]},1\nMETA,{DAYS[8]},2"
    prices = "\n".join([old, *new.split("\n")[1:]])
    return Recorded(write_market(tmp_path / "m", {"prices_daily.csv": prices, "dividends.csv": dividends}))


def bracket(**more):
    return buy(100, symbol=OLD, **more)


def test_a_holding_and_its_orders_follow_by_one_event(market):
    broker = margin_account(AccountRules(margin=True, settle=False))
    walk(broker, market, DAYS, bracket(stop=80, target="107.50"), bracket(limit=50, order_id="low"))
    events = [event for event in broker.journal.events if isinstance(event, SymbolRenamed)]
    assert events == [SymbolRenamed("FB", "META", CHANGE.isoformat(), ("b.tp", "b.sl", "low"))]
    book = broker.book
    assert {book.order(each).terms.symbol for each in ("b.tp", "b.sl", "low")} == {"META"}
    assert (book.order("b.tp").status, book.order("b.sl").status, book.order("low").status) == (
        "filled", "canceled", "open",
    )  # fmt: skip
    assert book.positions == {}
    assert book.cash == 10_000_000 + 100 * 800 + 100 * 300  # bought at 100, sold at the open of 108; two dividends
    assert not [breach for check in check_book(broker.journal, book) for breach in check.breaches]


def test_a_dividend_that_was_booked_under_the_old_symbol_is_not_booked_again(market):
    broker = margin_account()
    walk(broker, market, DAYS, bracket())
    assert -broker.book.balance("income:dividends") == 100 * 100 + 100 * 200
    assert (broker.book.quantity("META"), broker.book.quantity("FB")) == (100, 0)
    assert broker.book.equity == 10_000_000 + 100 * (1_200 + 300)


def test_the_shared_example_goes_on_as_the_new_symbol():
    broker = margin_account()
    walk(broker, Recorded(shared_case("09-rename")), DAYS, bracket(stop=80))
    assert (broker.book.quantity("META"), broker.book.order("b.sl").terms.symbol) == (100, "META")
    assert broker.book.equity == 10_000_000 + 100 * 1_200


def test_a_rename_that_becomes_known_late_is_followed_then(market):
    late = Recorded(market._source, known=XNYS.close(DAYS[7]))
    broker = margin_account()
    walk(broker, late, DAYS[:7], bracket())
    assert broker.book.quantity("FB") == 100
    walk(broker, late, DAYS[7:9])
    assert (broker.book.quantity("META"), broker.book.quarantined) == (100, {})


def test_a_reused_symbol_is_another_listing(tmp_path):
    """FB trades again, as another company, after the rename of the first one."""
    prices = daily(flat_days(dict.fromkeys(DAYS, 100)), OLD)
    source = Recorded(write_market(tmp_path / "m", {"prices_daily.csv": prices}), date(2022, 6, 9))
    source.bars = source._source.bars
    broker = margin_account()
    walk(broker, source, DAYS[:4], bracket())
    assert (broker.book.quantity("FB"), broker.book.quantity("META")) == (100, 0)


def test_a_rename_onto_a_symbol_that_is_held_quarantines_the_old_one(market):
    broker = margin_account()
    walk(broker, market, DAYS[:5], bracket())
    submit_orders(broker, [buy(5, symbol=NEW, order_id="m")], Instrument(NEW), "run", Decimal(100))
    walk(broker, market, DAYS[5:7])
    assert "cannot become META" in broker.book.quarantined["FB"].reason
    assert (broker.book.quantity("FB"), broker.book.quantity("META")) == (100, 5)


def test_a_repeated_order_gets_its_answer_after_the_rename(market):
    broker = margin_account()
    order = bracket(limit=50, order_id="low")
    walk(broker, market, DAYS[:7], order)
    before = broker.journal.seq
    (answer,) = submit_orders(broker, [order], Instrument(OLD), "run", Decimal(100))
    assert (answer.accepted, broker.journal.seq) == (True, before)
    with pytest.raises(DuplicateOrder):
        submit_orders(broker, [replace(order, quantity=Decimal(7))], Instrument(OLD), "run", Decimal(100))


def test_a_stored_account_verifies_after_a_rename(market, tmp_path):
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)
    ledger.create("t", AccountRules(margin=True))
    with ledger.transaction("t") as broker:
        broker.deposit("opening", 10_000_000)
        walk(broker, market, DAYS[:3], bracket(stop=80), bracket(limit=50, order_id="low"))
    for session in DAYS[3:]:
        with ledger.transaction("t") as broker:
            walk(broker, market, (session,))
    assert not [check for check in verify(ledger, "t") if check.breaches]
    assert ledger.query("SELECT symbol FROM orders WHERE order_id = 'low'") == [("META",)]
    ledger.close()
