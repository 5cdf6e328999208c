"""A listing without bars is halted, not delisted; it ends by a record of the source or by a person."""

from datetime import date
from decimal import Decimal

import pytest
from openoutcry.desk.accounts import statement
from openoutcry.desk.accounts.delisting import confirm_delisting
from openoutcry.domain.errors import OrderRejected
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import DelistingRecord
from openoutcry.ledger.reports.audit import check_book
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

DAYS = sessions(36)
SILENT_FROM, BACK = 3, 33


@pytest.fixture
def silent(tmp_path):
    """A share at 100 that has no bar for 30 sessions and then trades at 45."""
    prices = dict.fromkeys(DAYS[:SILENT_FROM], 100) | dict.fromkeys(DAYS[BACK:], 45)
    return write_market(tmp_path / "m", {"prices_daily.csv": daily(flat_days(prices))})


def held_into_silence(source, count):
    """Hold 100 shares through `count` silent sessions; return the account and its notices."""
    broker = margin_account()
    return broker, walk(broker, source, DAYS[: SILENT_FROM + count], buy(100))


def test_a_listing_that_falls_silent_is_held_and_trades_again(silent):
    broker = margin_account()
    walk(broker, silent, DAYS, buy(100))
    assert (broker.book.quantity("AAA"), broker.book.equity, broker.book.delisted) == (100, 9_450_000, set())


def test_the_shared_example_reopens():
    broker = margin_account()
    walk(broker, shared_case("08-halt-30-sessions"), DAYS[:35], buy(100))
    assert (broker.book.quantity("AAA"), broker.book.equity) == (100, 9_450_000)


def test_orders_keep_their_life_in_the_silence(silent):
    broker, _ = held_into_silence(silent, 30)
    resting = buy(10, limit=50, order_id="low")
    walk(broker, silent, DAYS[33:34], resting, last=100)
    assert broker.book.order("low").status == "open"
    walk(broker, silent, DAYS[34:35])
    assert (broker.book.order("low").status, broker.book.quantity("AAA")) == ("filled", 110)


def test_a_stale_price_is_flagged_with_its_age(silent):
    broker, said = held_into_silence(silent, 1)
    assert said == ["2025-03-06: AAA has had no bar for 1 session; it is valued at its last price 100.00 of 2025-03-05"]
    broker, said = held_into_silence(silent, 19)
    (line,) = statement.positions(broker)
    assert (line.mark, line.stale_sessions) == (100, 19)
    (finding,) = statement.status(broker, "").findings
    assert "no bar for 19 sessions" in finding
    assert "delist" not in finding
    broker, said = held_into_silence(silent, 20)
    (finding,) = statement.status(broker, "").findings
    assert "openoutcry paper delist AAA --price" in finding
    assert said[-1].endswith(finding)
    walk(broker, silent, DAYS[SILENT_FROM + 20 : BACK + 1])
    assert statement.status(broker, "").findings == ()
    assert statement.positions(broker)[0].stale_sessions == 0


def test_a_person_confirms_a_delisting_once(silent):
    broker, _ = held_into_silence(silent, 2)
    assert confirm_delisting(broker, "AAA", Decimal("12.34"))
    assert (broker.book.quantity("AAA"), broker.book.equity) == (0, 9_990_000 + 100 * 1_234 - 990_000)
    before = broker.journal.seq
    assert not confirm_delisting(broker, "AAA", Decimal("12.340"))
    with pytest.raises(OrderRejected, match=r"delisted at 12.34 already"):
        confirm_delisting(broker, "AAA", Decimal(13))
    assert broker.journal.seq == before
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]


def test_a_worthless_listing_is_delisted_at_zero(silent):
    broker, _ = held_into_silence(silent, 2)
    assert confirm_delisting(broker, "AAA", Decimal(0))
    assert broker.book.equity == 9_000_000


@pytest.mark.parametrize(("count", "symbol", "price", "why"), [
    (2, "BBB", 1, "does not hold BBB"),
    (0, "AAA", 1, "traded on 2025-03-05"),
    (2, "AAA", -1, "negative"),
])  # fmt: skip
def test_a_delisting_of_what_is_not_held_or_still_trades_is_refused(silent, count, symbol, price, why):
    broker, _ = held_into_silence(silent, count)
    before = broker.journal.seq
    with pytest.raises(OrderRejected, match=why):
        confirm_delisting(broker, symbol, Decimal(price))
    assert broker.journal.seq == before


def test_a_record_of_the_source_delists_at_its_price(silent):
    class Recorded:
        def __getattr__(self, name):
            return getattr(silent, name)

        def delistings(self, symbol, *, until):
            known = XNYS.close(date(2025, 3, 7))
            record = DelistingRecord(Symbol("AAA"), date(2025, 3, 6), Decimal("0.50"), known)
            return (record,) if until >= known else ()

    broker = margin_account()
    walk(broker, Recorded(), DAYS[:4], buy(100))
    assert broker.book.quantity("AAA") == 100
    walk(broker, Recorded(), DAYS[4:6])
    assert (broker.book.quantity("AAA"), broker.book.equity) == (0, 9_005_000)
    assert "AAA" in broker.book.delisted
