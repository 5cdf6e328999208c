"""The bar on which the entry of a bracket fills: exits that the rest of the bar certainly reaches, and doubt."""

from dataclasses import replace

import pytest
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.order import OrderTerms
from openoutcry.ledger.model.order_events import OrderCanceled, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import Floor, Prices, assert_sound, quiet_floor, terms

CENTRE = 10_000
Fill = tuple[str, int, bool]


def exits(side: str, *, target: int | None, stop: int | None, limit: int | None = None) -> tuple[OrderTerms, ...]:
    group = "p.tp" if target and stop else None
    legs = []
    if target:
        legs.append(terms("p.tp", side, 10, "limit", limit=target, tif="gtc", parent="p", group=group))
    if stop:
        kind = "stop_limit" if limit else "stop"
        legs.append(terms("p.sl", side, 10, kind, stop=stop, limit=limit, tif="gtc", parent="p", group=group))
    return tuple(legs)


def mirrored(made: OrderTerms) -> OrderTerms:
    """Return the order of the other side, its prices reflected at CENTRE."""

    def other(price: int | None) -> int | None:
        return None if price is None else 2 * CENTRE - price

    return replace(made, sign=-made.sign, limit=other(made.limit), stop=other(made.stop))


def reflected(bar: Prices) -> Prices:
    first, high, low, last, volume = bar
    return 2 * CENTRE - first, 2 * CENTRE - low, 2 * CENTRE - high, 2 * CENTRE - last, volume


def outcome(floor: Floor, request: OrderRequest, bar: Prices, finer: tuple[Prices, ...] = ()) -> list[Fill]:
    """Return the fills of the next bar: order, price and whether it is ambiguous."""
    assert floor.broker.submit(request).accepted
    step = BarTime(floor.day.replace(day=25), floor.clock + 1)
    intraday = {"AAA": [IntegerBar(*each) for each in finer]} if finer else {}
    events = floor.broker.on_bar(step, {"AAA": IntegerBar(*bar)}, intraday)
    assert_sound(floor)
    return [(e.order_id, e.price, e.ambiguous) for e in events if isinstance(e, OrderFilled)]


def both_ways(
    entry: OrderTerms, legs: tuple[OrderTerms, ...], bar: Prices, finer: tuple[Prices, ...] = ()
) -> list[Fill]:
    """Return the fills of a long bracket, after asserting that its mirror image fills likewise."""
    long = outcome(quiet_floor(), OrderRequest(entry, legs), bar, finer)
    short = outcome(
        quiet_floor(),
        OrderRequest(mirrored(entry), tuple(mirrored(leg) for leg in legs)),
        reflected(bar),
        tuple(reflected(each) for each in finer),
    )
    assert [(name, 2 * CENTRE - price, doubt) for name, price, doubt in short] == long
    return long


FALLING = terms("p", "buy", 10, "limit", limit=9_800, tif="gtc")
RISING = terms("p", "buy", 10, "stop", stop=10_200, tif="gtc")


@pytest.mark.parametrize(("bar", "expected"), [
    ((10_000, 10_050, 8_900, 10_000, 99), [("p", 9_800, False), ("p.sl", 9_000, False)]),
    ((10_000, 11_200, 8_900, 10_000, 99), [("p", 9_800, False), ("p.sl", 9_000, True)]),
    ((10_000, 11_200, 8_900, 11_100, 99), [("p", 9_800, False), ("p.sl", 9_000, True)]),
    ((10_000, 11_200, 9_700, 11_100, 99), [("p", 9_800, False), ("p.tp", 11_000, False)]),
    ((10_000, 11_200, 9_700, 10_900, 99), [("p", 9_800, True)]),
    ((10_000, 10_900, 9_100, 10_200, 99), [("p", 9_800, False)]),
])  # fmt: skip
def test_after_a_falling_entry_the_low_and_the_close_decide(bar: Prices, expected: list[Fill]) -> None:
    assert both_ways(FALLING, exits("sell", target=11_000, stop=9_000), bar) == expected


@pytest.mark.parametrize(("bar", "expected"), [
    ((10_000, 11_200, 9_900, 10_500, 99), [("p", 10_200, False), ("p.tp", 11_000, False)]),
    ((10_000, 10_900, 8_900, 8_950, 99), [("p", 10_200, False), ("p.sl", 9_000, False)]),
    ((10_000, 11_200, 8_900, 8_950, 99), [("p", 10_200, False), ("p.sl", 9_000, True)]),
    ((10_000, 11_200, 8_900, 10_500, 99), [("p", 10_200, True)]),
    ((10_000, 10_900, 8_900, 10_500, 99), [("p", 10_200, True)]),
    ((10_000, 10_900, 9_100, 10_500, 99), [("p", 10_200, False)]),
])  # fmt: skip
def test_after_a_rising_entry_the_high_and_the_close_decide(bar: Prices, expected: list[Fill]) -> None:
    assert both_ways(RISING, exits("sell", target=11_000, stop=9_000), bar) == expected


def test_a_single_exit_follows_the_same_rule() -> None:
    bar = (10_000, 11_200, 8_900, 10_900, 99)
    assert both_ways(FALLING, exits("sell", target=None, stop=9_000), bar)[1:] == [("p.sl", 9_000, False)]
    assert both_ways(FALLING, exits("sell", target=10_800, stop=None), bar)[1:] == [("p.tp", 10_800, False)]
    assert both_ways(FALLING, exits("sell", target=11_000, stop=None), bar) == [("p", 9_800, True)]


def test_a_stop_limit_exit_triggers_on_the_entry_bar_and_stays_a_limit_order() -> None:
    floor = quiet_floor()
    request = OrderRequest(FALLING, exits("sell", target=11_000, stop=9_000, limit=9_050))
    assert outcome(floor, request, (10_000, 10_050, 8_900, 8_950, 99)) == [("p", 9_800, False)]
    assert floor.broker.book.order("p.sl").triggered
    floor.day = floor.day.replace(day=25)
    floor.clock += 3_600
    assert floor.fills((9_000, 9_100, 8_950, 9_000, 99)) == [("p.sl", 10, 9_050)]


def test_intraday_bars_decide_from_the_one_that_fills_the_entry() -> None:
    whole = (10_000, 11_200, 8_900, 10_000, 99)
    legs = exits("sell", target=11_000, stop=9_000)
    falls = ((10_000, 11_200, 9_900, 10_000, 9), (10_000, 10_000, 9_700, 9_750, 9), (9_750, 10_000, 8_900, 10_000, 9))
    rises = ((10_000, 10_000, 9_700, 9_750, 9), (9_750, 11_200, 9_700, 11_000, 9), (11_000, 11_000, 8_900, 10_000, 9))
    gaps = ((10_000, 11_200, 9_700, 9_750, 9), (8_950, 9_100, 8_900, 9_000, 9), (9_000, 10_000, 9_000, 10_000, 9))
    assert both_ways(FALLING, legs, whole, falls) == [("p", 9_800, False), ("p.sl", 9_000, False)]
    assert both_ways(FALLING, legs, whole, rises) == [("p", 9_800, False), ("p.tp", 11_000, False)]
    assert both_ways(FALLING, legs, whole, gaps) == [("p", 9_800, True), ("p.sl", 8_950, False)]


def test_a_trailing_exit_keeps_its_level_on_the_entry_bar() -> None:
    floor = quiet_floor()
    trailing = terms("p.sl", "sell", 10, "trailing_stop", stop=9_000, trail=500, tif="gtc", parent="p")
    request = OrderRequest(FALLING, (trailing,))
    assert outcome(floor, request, (10_000, 11_000, 9_100, 10_900, 99)) == [("p", 9_800, False)]
    assert floor.broker.book.order("p.sl").levels.stop == 9_000


def thin_floor(volume_share: int = 1_000) -> Floor:
    """Return a market of which a tenth of the volume can be filled."""
    floor = Floor(AccountRules(margin=True, participation_bps=volume_share, settle=False))
    floor.bar((10_000, 10_000, 10_000, 10_000, 100))
    return floor


def canceled_for(floor: Floor, order_id: str) -> str | None:
    reasons = [e.reason for e in floor.broker.journal.events if isinstance(e, OrderCanceled) and e.order_id == order_id]
    return reasons[0] if reasons else None


def test_an_exit_without_volume_left_on_the_entry_bar_ends_the_entry_and_fills_on_the_next() -> None:
    floor = thin_floor()
    assert floor.broker.submit(OrderRequest(FALLING, exits("sell", target=11_000, stop=9_000))).accepted
    assert floor.fills((10_000, 10_050, 8_900, 9_500, 80)) == [("p", 8, 9_800)]
    assert canceled_for(floor, "p") == "exit_triggered"
    assert floor.fills((9_500, 9_600, 9_400, 9_500, 80)) == [("p.sl", 8, 9_500)]
    assert_sound(floor)


@pytest.mark.parametrize(("stop_limit", "price"), [(None, 9_200), (8_950, 9_200), (9_100, 9_200)])
def test_a_triggered_stop_ends_the_rest_of_its_entry(stop_limit: int | None, price: int) -> None:
    floor = thin_floor()
    entry = terms("p", "buy", 10, "limit", limit=10_100, tif="gtc")
    assert floor.broker.submit(OrderRequest(entry, exits("sell", target=11_000, stop=9_000, limit=stop_limit))).accepted
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 30)) == [("p", 3, 10_000)]
    assert floor.fills((10_000, 10_000, 8_900, 9_000, 30))[0] == ("p", 3, 10_000)
    assert canceled_for(floor, "p") == "exit_triggered"
    assert floor.fills((price, price, price, price, 100)) == [("p.sl", 6, price)]
    assert_sound(floor)


def test_a_target_that_is_reached_without_volume_ends_the_rest_of_its_entry() -> None:
    floor = thin_floor()
    entry = terms("p", "buy", 10, tif="gtc")
    assert floor.broker.submit(OrderRequest(entry, exits("sell", target=11_000, stop=9_000))).accepted
    assert floor.fills((10_000, 11_100, 10_000, 11_000, 30)) == [("p", 3, 10_000)]
    assert canceled_for(floor, "p") == "exit_triggered"
    assert floor.fills((11_000, 11_000, 11_000, 11_000, 30)) == [("p.tp", 3, 11_000)]


def test_exits_take_the_volume_of_a_phase_before_entries() -> None:
    floor = thin_floor()
    assert floor.broker.submit(OrderRequest(terms("a", "buy", 5))).accepted
    floor.bar((10_000, 10_000, 10_000, 10_000, 50))
    assert floor.broker.submit(OrderRequest(terms("b", "buy", 5, "limit", limit=10_000))).accepted
    stop = terms("s", "sell", 5, "stop", stop=9_500)
    assert floor.broker.submit(OrderRequest(stop)).accepted
    assert floor.fills((9_400, 9_400, 9_400, 9_400, 50)) == [("s", 5, 9_400)]
    assert floor.status("b") == "expired"
