"""A reverse split of any ratio leaves the value of a position as it was, and the account goes on."""

from datetime import date
from decimal import Decimal

import pytest
from broker_session import XNYS, live, order
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.orders import Action
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.reports.audit import check_book
from openoutcry.market.folder import open_folder
from openoutcry.tests.desk.accounts.cases import buy, margin_account, sessions, shared_case, walk

DAYS = [date(2025, 3, day) for day in (3, 4, 5, 6, 7)]


@pytest.fixture
def market(tmp_path):
    """A share at 0.50 that is combined before the open of 2025-03-06."""

    def with_split(printed, old_shares):
        price = {day: 0.5 if day < DAYS[3] else 0.5 * old_shares for day in DAYS}
        rows = [f"AAA,{day},{price[day]},{price[day]},{price[day]},{price[day]},90000000" for day in DAYS]
        (tmp_path / "prices_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *rows]))
        (tmp_path / "splits.csv").write_text(f"ticker,ex_date,ratio\nAAA,2025-03-06,{printed}\n")
        return open_folder(tmp_path)

    return with_split


@pytest.mark.parametrize(
    ("printed", "old_shares", "held"),
    [("0.0006666666667", 1500, 20), ("0.0005", 2000, 15), ("0.000333333333", 3000, 10), ("0.1", 10, 3000)],
)
def test_a_reverse_split_makes_no_money(market, printed, old_shares, held):
    source, broker = market(printed, old_shares), Broker.open("t", AccountRules(margin=True), XNYS)
    broker.deposit("opening", 10_000_000)
    live(broker, source, DAYS[0], DAYS[0])
    bought = submit_orders(broker, [order("AAA", Action.BUY, 30_000)], Instrument("AAA"), "run", Decimal("0.5"))
    assert bought[0].accepted
    live(broker, source, DAYS[1], DAYS[4])
    assert (broker.book.quantity("AAA"), broker.book.equity, broker.book.session) == (held, 10_000_000, "2025-03-07")
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]


def test_the_fraction_of_a_split_is_a_sale_without_income(tmp_path):
    """10 shares at 10.00 become 3, and a third of a share is sold for the 10.00 that it cost."""
    price = {day: 10 if day < DAYS[3] else 30 for day in DAYS}
    rows = [f"AAA,{day},{price[day]},{price[day]},{price[day]},{price[day]},90000" for day in DAYS]
    (tmp_path / "prices_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *rows]))
    (tmp_path / "splits.csv").write_text("ticker,ex_date,ratio\nAAA,2025-03-06,0.3333333333\n")
    source, broker = open_folder(tmp_path), Broker.open("t", AccountRules(margin=True), XNYS)
    broker.deposit("opening", 10_000_000)
    live(broker, source, DAYS[0], DAYS[0])
    submit_orders(broker, [order("AAA", Action.BUY, 10)], Instrument("AAA"), "run", Decimal(10))
    live(broker, source, DAYS[1], DAYS[4])
    book = broker.book
    assert (book.quantity("AAA"), book.positions["AAA"].cost, book.equity) == (3, 9_000, 10_000_000)
    assert {name: amount for (name, _), amount in book.balances.items() if name.startswith("income") and amount} == {}


@pytest.mark.parametrize(
    ("name", "bought", "last", "held", "equity"),
    [
        ("07-reverse-split-1-1500", 30_000, "0.5", 20, 10_000_000),
        ("07-reverse-split-1-2000", 30_000, "0.5", 15, 10_000_000),
        ("44-lots-split", 10, "10", 3, 10_000_000),
    ],
)
def test_the_shared_examples_of_reverse_splits(name, bought, last, held, equity):
    broker = margin_account()
    walk(broker, shared_case(name), sessions(6), buy(bought), last=last)
    assert (broker.book.quantity("AAA"), broker.book.equity) == (held, equity)
    assert {name: amount for (name, _), amount in broker.book.balances.items() if name.startswith("income")} == {}


def test_the_shared_example_of_a_price_a_hundred_times_too_high_fills_nothing():
    broker = margin_account()
    walk(broker, shared_case("13-100x"), sessions(7), buy(100, target=150))
    assert (broker.book.quantity("AAA"), broker.book.equity) == (100, 10_000_000)
