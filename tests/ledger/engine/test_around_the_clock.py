"""Accounts of 24/7 calendars: the next bar starts at the moment of the close; an order waits for the one after it."""

from dataclasses import replace

import pytest
from openoutcry.desk.accounts.notional_orders import size_notional_orders
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order import OrderStatus, RejectReason
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.reports.account_view import account_view

from ..harness import Floor, Weekdays, assert_sound, send, terms

RULES = AccountRules(calendar="24/7", participation_bps=None, margin=True)
FIRST, SECOND, THIRD, FOURTH = (
    (10_000, 10_100, 9_900, 10_000, 1_000),
    (10_200, 10_300, 9_800, 10_100, 1_000),
    (10_400, 10_500, 9_700, 10_450, 1_000),
    (10_600, 10_700, 10_500, 10_600, 1_000),
)


@pytest.fixture
def floor() -> Floor:
    made = Floor(RULES)
    made.bar(FIRST)
    return made


@pytest.mark.parametrize(
    ("tif", "price"), [("day", 10_400), ("gtc", 10_400), ("opg", 10_400), ("ioc", 10_400), ("fok", 10_400)]
)
def test_a_market_order_fills_at_the_open_of_the_first_bar_that_starts_after_it(
    floor: Floor, tif: str, price: int
) -> None:
    send(floor, terms("a", "buy", 5, tif=tif))
    assert floor.fills(SECOND) == []
    assert floor.fills(THIRD) == [("a", 5, price)]
    assert_sound(floor)


def test_an_order_on_close_fills_at_the_close_of_the_same_bar(floor: Floor) -> None:
    send(floor, terms("a", "buy", 5, tif="cls"))
    assert floor.fills(SECOND) == []
    assert floor.status("a") == "open"
    floor.bar(THIRD)
    assert floor.status("a") in {"filled", "canceled"}  # canceled where the cutoff is before the start of the bar


@pytest.mark.parametrize("tif", ["day", "opg", "ioc", "fok"])
def test_an_order_that_does_not_fill_ends_with_its_first_bar_and_not_before(floor: Floor, tif: str) -> None:
    send(floor, terms("a", "buy", 5, "limit", limit=9_000, tif=tif))
    floor.bar(SECOND)
    assert floor.status("a") == "open"
    floor.bar(THIRD)
    assert floor.status("a") in {"expired", "canceled"}


def test_a_price_of_the_bar_before_fills_and_triggers_nothing(floor: Floor) -> None:
    """The second bar reaches 98.00 and 103.00; neither the limit, the stop nor the trailing stop is in force yet."""
    send(floor, terms("limit", "buy", 5, "limit", limit=9_850, tif="gtc"))
    send(floor, terms("stop", "short", 5, "stop", stop=9_850, tif="gtc"))
    send(floor, terms("trail", "buy", 5, "trailing_stop", trail=250, tif="gtc"))
    assert floor.fills(SECOND) == []
    assert floor.broker.book.order("trail").levels.stop == 10_250
    assert {order for order, _, _ in floor.fills(THIRD)} == {"limit", "stop", "trail"}


def test_new_terms_wait_like_a_new_order(floor: Floor) -> None:
    send(floor, terms("a", "buy", 5, "limit", limit=5_000, tif="gtc"))
    floor.bar(SECOND)
    floor.broker.replace("a", limit=10_650)
    assert floor.fills(THIRD) == []
    assert floor.fills(FOURTH) == [("a", 5, 10_600)]


def test_a_forced_sale_is_on_the_next_bar_because_the_broker_takes_no_time_to_decide() -> None:
    """With 4,000.00 borrowed, equity at 50.00 is 1,000.00 and less than 25 % of 5,000.00."""
    made = Floor(replace(RULES, call_sessions=0), cash=600_000)
    made.bar(FIRST)
    send(made, terms("a", "buy", 100, tif="gtc"))
    made.bar(FIRST)
    made.bar(FIRST)
    for price in (5_000, 4_900):
        made.bar((price, price, price, price, 1_000))
    (order,) = made.broker.book.live_orders()
    assert [each for each, _, _ in made.fills((4_800, 4_800, 4_800, 4_800, 1_000))] == [order.terms.order_id]
    assert_sound(made)


def test_an_order_for_an_amount_is_sized_at_the_open_of_the_bar_that_fills_it(floor: Floor) -> None:
    """At opens of 102.00 and 104.00 an amount of 1,248.00 buys 12.2 and 12 shares; it was accepted for 5."""
    send(floor, terms("a", "buy", 5))
    for bar, held in ((SECOND, 5), (THIRD, 12)):
        size_notional_orders(floor.broker, {"a": 124_800}, {"AAA": IntegerBar(*bar)})
        assert floor.broker.book.order("a").quantity == held
        filled = floor.fills(bar)
    assert filled == [("a", 12, 10_400)]


def test_a_market_order_that_is_starting_counts_as_held_ahead(floor: Floor) -> None:
    send(floor, terms("a", "buy", 5))
    send(floor, terms("low", "buy", 3, "limit", limit=5_000, tif="gtc"))
    assert account_view(floor.broker.book).quantity_ahead(Symbol("AAA")) == 0
    floor.bar(SECOND)
    ahead = account_view(floor.broker.book)
    assert (ahead.quantity(Symbol("AAA")), ahead.quantity_ahead(Symbol("AAA"))) == (0, 5)


def test_an_account_without_a_bar_yet_trades_on_its_first_one() -> None:
    made = Floor(RULES)
    made.broker.submit(OrderRequest(terms("a", "buy", 5)), reference=10_000)
    assert made.fills(FIRST) == [("a", 5, 10_000)]


def test_a_decision_replaces_no_entry_whose_first_bar_starts_before_it(floor: Floor) -> None:
    """The order of the first day is at the open of the third bar when the second day is decided."""
    send(floor, terms("a", "buy", 5, "limit", limit=5_000, tif="gtc"))
    same_day = account_view(floor.broker.book).for_symbol(Symbol("AAA"))
    assert [order.client_order_id for order in same_day.superseded] == ["a"]
    floor.bar(SECOND)
    next_day = account_view(floor.broker.book).for_symbol(Symbol("AAA"))
    assert ([o.client_order_id for o in next_day.open_orders], next_day.superseded) == (["a"], ())
    floor.broker.record_decision("run-2", "AAA", "hold")
    assert floor.status("a") == "open"
    floor.bar(THIRD)
    day_after = account_view(floor.broker.book).for_symbol(Symbol("AAA"))
    assert [order.client_order_id for order in day_after.superseded] == ["a"]
    floor.broker.record_decision("run-3", "AAA", "hold")
    order = floor.broker.book.order("a")
    assert (order.status, order.reason) == (OrderStatus.CANCELED, RejectReason.SUPERSEDED)


def test_a_second_decision_of_the_same_day_replaces_the_orders_of_the_first(floor: Floor) -> None:
    send(floor, terms("a", "buy", 5))
    floor.broker.record_decision("run-2", "AAA", "hold")
    assert floor.status("a") == "canceled"


def test_an_order_of_an_earlier_journal_fills_on_the_bar_that_the_journal_names(floor: Floor) -> None:
    send(floor, terms("a", "buy", 5))
    earlier = [replace(e, first_bar=1) if isinstance(e, OrderAccepted) else e for e in floor.broker.journal.events]
    floor.broker = Broker.replayed(earlier, Weekdays())
    assert floor.fills(SECOND) == [("a", 5, 10_200)]


def test_shares_trade_on_the_next_bar() -> None:
    made = Floor(replace(RULES, calendar="XNYS"))
    made.bar(FIRST)
    send(made, terms("a", "buy", 5))
    assert made.fills(SECOND) == [("a", 5, 10_200)]
