"""Lots and quantities: what goes first, what closes and what opens, parts of a share."""

from datetime import date
from fractions import Fraction

import pytest
from openoutcry.ledger.model import chart_of_accounts
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.lots import LotMethod, Position
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import (
    FLAT,
    Floor,
    assert_sound,
    at,
    quiet_floor,
    send,
    terms,
)


@pytest.mark.parametrize(
    ("method", "named", "cost", "left"),
    [
        (LotMethod.FIFO, (), 1_000 + 600, {"b": 600, "c": 800}),
        (LotMethod.LIFO, (), 800 + 600, {"a": 1_000, "b": 600}),
        (LotMethod.HIGHEST_COST, (), 1_200 + 500, {"a": 500, "c": 800}),
        (LotMethod.SPECIFIC, ("c", "b"), 800 + 600, {"a": 1_000, "b": 600}),
    ],
)
def test_lots_leave_in_the_order_of_the_method(
    method: LotMethod, named: tuple[str, ...], cost: int, left: dict[str, int]
) -> None:
    for sign in (1, -1):
        position = Position("AAA")
        costs = {"a": 1_000, "b": 1_200, "c": 800}
        if sign < 0 and method is LotMethod.HIGHEST_COST:
            costs, cost, left = {"a": 1_000, "b": 800, "c": 1_200}, 800 + 500, {"a": 500, "c": 1_200}
        for lot_id, each in costs.items():
            position.open(lot_id, sign * 10, sign * each)
        assert position.close(15, method, named) == sign * cost
        assert {lot.lot_id: abs(lot.cost) for lot in position.lots} == left
        assert position.quantity == sign * 15


def test_selling_through_zero_closes_first_and_opens_with_the_rest() -> None:
    position = Position("AAA")
    position.open("a", 3, 100)
    assert position.close(1, LotMethod.FIFO) == 33
    assert position.close(2, LotMethod.FIFO) == 67
    assert (position.quantity, position.cost) == (0, 0)


def test_parts_of_a_share_trade_in_millionths_for_plain_day_orders_only() -> None:
    floor = Floor(AccountRules(participation_bps=None, cushion_bps=0, settle=False), cash=100_000, symbols=())
    floor.broker.list_instrument(Instrument("AAA", quantity_scale=1_000_000))
    floor.bar((9_999, 9_999, 9_999, 9_999, 5))
    half = terms("gtc", "buy", 500_000, tif="gtc")
    assert floor.broker.submit(OrderRequest(half)).reason is RejectReason.FRACTION_NOT_ALLOWED
    send(floor, terms("a", "buy", 2_500_000))
    floor.bar((9_999, 9_999, 9_999, 9_999, 5))
    book = floor.broker.book
    assert (book.quantity("AAA"), book.cash, book.equity) == (2_500_000, 100_000 - 24_998, 100_000)
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(1, 3))
    assert book.quantity("AAA") == 833_333
    assert_sound(floor)


def test_lots_that_a_split_swallows_leave_their_cost_to_the_next() -> None:
    position = Position("AAA")
    for lot_id, quantity, cost in (("a", 4, 400), ("b", 9, 950), ("c", 3, 330)):
        position.open(lot_id, quantity, cost)
    assert position.split(1, 10) == 1
    assert [(lot.lot_id, lot.quantity, lot.cost) for lot in position.lots] == [("b", 1, 1_680)]
    assert position.cost == 1_680


def test_an_opening_order_that_meets_the_other_side_closes_first_and_opens_the_rest() -> None:
    floor = quiet_floor()
    send(floor, terms("up", "short", 15, "limit", limit=11_000, tif="gtc"))
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10, "limit", limit=12_000, tif="gtc"))
    floor.bar((11_000, 11_500, 10_900, 11_000, 9))
    book = floor.broker.book
    position = book.positions["AAA"]
    assert (position.quantity, position.cost) == (-5, -55_000)
    assert book.balance(chart_of_accounts.realised("AAA")) == -10_000
    floor.bar(at(12_500))
    assert floor.broker.book.order("out").reason is RejectReason.NOTHING_TO_CLOSE
    assert_sound(floor)


def test_a_closing_order_fills_no_more_than_what_is_left_to_close() -> None:
    floor = quiet_floor()
    send(floor, terms("up", "short", 4, "limit", limit=11_000, tif="gtc"))
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10, "limit", limit=12_000, tif="gtc"))
    floor.bar(at(11_000))
    assert floor.fills(at(12_000)) == [("out", 6, 12_000)]
    assert floor.status("out") == "canceled"
    assert_sound(floor)


def test_volume_is_dealt_in_whole_lots() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False), symbols=())
    floor.broker.list_instrument(Instrument("AAA", lot=10))
    floor.bar(FLAT)
    assert floor.broker.submit(OrderRequest(terms("odd", "buy", 15))).reason is RejectReason.BAD_LOT
    send(floor, terms("a", "buy", 100, tif="gtc"))
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 390)) == [("a", 30, 10_000)]


def test_a_replaced_order_rests_at_its_new_level_only() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10, "limit", limit=9_900, tif="gtc"))
    floor.broker.replace("a", limit=9_500)
    resting = floor.broker.scribe.resting["AAA"]
    assert [order.terms.order_id for order in resting.all()] == ["a"]
    assert resting.pop_reachable(IntegerBar(10_000, 10_000, 9_800, 10_000, 9)) == []
    assert [order.terms.order_id for order in resting.pop_reachable(IntegerBar(10_000, 10_000, 9_400, 10_000, 9))] == [
        "a"
    ]


def test_an_order_that_has_closed_the_lot_that_it_names_can_still_be_replaced() -> None:
    floor = Floor(AccountRules(participation_bps=1_000, lots=LotMethod.SPECIFIC, settle=False))
    floor.bar(FLAT)
    for name in ("a", "b"):
        send(floor, terms(name, "buy", 10))
        floor.bar(FLAT)
    send(floor, terms("out", "sell", 20, "limit", limit=10_500, tif="gtc", lots=("b#2",)))
    assert floor.fills((10_500, 10_500, 10_500, 10_500, 100)) == [("out", 10, 10_500)]
    assert [lot.lot_id for lot in floor.broker.book.positions["AAA"].lots] == ["a#1"]
    floor.broker.replace("out", limit=10_600)
    assert floor.fills(at(10_600)) == [("out", 10, 10_600)]
    assert floor.broker.book.order("out").terms.lots == ("b#2",)
    assert_sound(floor)
