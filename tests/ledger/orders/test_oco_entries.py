"""Pairs that open: of two entries that exclude each other one will be filled, and the larger is what is reserved."""

import pytest
from openoutcry.domain.errors import OrderRejected
from openoutcry.ledger.book.margin import available_cash
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order import OrderTerms, RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.tests.ledger.harness import (
    FLAT,
    Floor,
    assert_sound,
    terms,
)


def pair(quantity: int = 90, limit: int = 9_000, stop: int = 11_000) -> tuple[OrderTerms, OrderTerms]:
    return (
        terms("dip", "buy", quantity, "limit", limit=limit, tif="gtc", group="dip"),
        terms("dip.sl", "buy", quantity, "stop", stop=stop, tif="gtc", group="dip"),
    )


def with_pair(*, participation: int | None = None, cash: int = 1_000_000) -> Floor:
    """Give a cash account of 10,000.00 a bid at 90.00 and a breakout at 110.00, for ninety shares."""
    floor = Floor(AccountRules(participation_bps=participation, cushion_bps=0, settle=False), cash=cash)
    floor.bar(FLAT)
    first, second = pair()
    assert floor.broker.submit(OrderRequest(first, (second,))).accepted
    return floor


def reserved(floor: Floor) -> list[int]:
    return [floor.broker.book.order(each).reserved for each in ("dip", "dip.sl")]


@pytest.mark.parametrize(
    ("row", "filled", "price"),
    [
        ((10_000, 11_000, 10_000, 11_000, 999), "dip.sl", 11_000),
        ((11_100, 11_100, 11_100, 11_100, 999), "dip.sl", 11_100),
        ((10_000, 10_000, 9_000, 9_000, 999), "dip", 9_000),
    ],
)
def test_either_leg_is_filled_with_what_both_reserve(row: tuple[int, ...], filled: str, price: int) -> None:
    floor = with_pair()
    assert (floor.broker.book.reserved, reserved(floor)) == (990_000, [810_000, 180_000])
    assert floor.fills(row) == [(filled, 90, price)]
    assert (floor.broker.book.reserved, reserved(floor)) == (0, [0, 0])
    assert available_cash(floor.broker.book) == 1_000_000 - 90 * price
    assert_sound(floor)


def test_a_pair_of_which_one_leg_cannot_be_paid_is_refused() -> None:
    floor = Floor(AccountRules(participation_bps=None, cushion_bps=0), cash=1_000_000)
    floor.bar(FLAT)
    first, second = pair(quantity=91)
    assert floor.broker.submit(OrderRequest(first, (second,))).reason is RejectReason.NO_BUYING_POWER
    assert floor.broker.submit(OrderRequest(terms("dip-alone", "buy", 91, "limit", limit=9_000))).accepted


def test_what_a_pair_reserves_is_kept_from_other_orders_and_comes_back() -> None:
    floor = with_pair()
    assert floor.broker.submit(OrderRequest(terms("x", "buy", 2))).reason is RejectReason.NO_BUYING_POWER
    assert floor.broker.submit(OrderRequest(terms("y", "buy", 1))).accepted
    floor.broker.cancel("dip.sl")
    assert (floor.broker.book.reserved, reserved(floor)) == (10_000, [0, 0])
    assert_sound(floor)


@pytest.mark.parametrize("price", [11_000, 9_000])
def test_a_leg_that_fills_in_part_leaves_reserved_what_the_rest_of_the_pair_needs(price: int) -> None:
    floor = with_pair(participation=1_000)
    floor.bar((price, price, price, price, 300))
    assert [floor.broker.book.order(each).remaining for each in ("dip", "dip.sl")] == [60, 60]
    assert reserved(floor) == [540_000, 120_000]
    floor.bar((price, price, price, price, 100_000))
    assert floor.broker.book.quantity("AAA") == 90
    assert floor.broker.book.reserved == 0
    assert_sound(floor)


def test_new_prices_change_what_the_pair_reserves_and_cannot_ask_for_more_than_there_is() -> None:
    floor = with_pair()
    floor.broker.replace("dip.sl", stop=10_500)
    assert (floor.broker.book.reserved, reserved(floor)) == (945_000, [810_000, 135_000])
    floor.broker.replace("dip", limit=9_500)
    assert (floor.broker.book.reserved, reserved(floor)) == (945_000, [810_000, 135_000])
    with pytest.raises(OrderRejected, match="insufficient"):
        floor.broker.replace("dip.sl", stop=11_200)
    floor.broker.replace("dip.sl", stop=11_100)
    assert floor.broker.book.reserved == 999_000
    assert floor.fills((11_100, 11_100, 11_100, 11_100, 99)) == [("dip.sl", 90, 11_100)]
    assert_sound(floor)
