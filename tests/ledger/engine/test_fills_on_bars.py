"""Hand-worked cases for every row of the table of fills, each for a buy and, in the mirror, for a sale."""

import pytest
from openoutcry.domain.orders import OrderType, TimeInForce
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.pricing.intrabar import resolve_stop_limit
from openoutcry.ledger.pricing.triggers import (
    OrderLevels,
    Phase,
    Trigger,
    evaluate,
)

BAR = IntegerBar(100, 110, 90, 105, 1_000)
CENTRE = 100


def mirrored(bar: IntegerBar) -> IntegerBar:
    first, top, bottom, last = (2 * CENTRE - price for price in (bar.open, bar.high, bar.low, bar.close))
    return IntegerBar(first, bottom, top, last, bar.volume)


def outcome(
    kind: str, limit: int | None, stop: int | None, tif: str, sign: int, through: bool = False
) -> Trigger | None:
    """Reach BAR with a buy, or the mirrored bar with the mirrored sale, in the prices of the buy."""
    side = [price if sign > 0 or price is None else 2 * CENTRE - price for price in (limit, stop)]
    levels = OrderLevels(OrderType(kind), sign, side[0], side[1], TimeInForce(tif), through)
    hit = evaluate(levels, BAR if sign > 0 else mirrored(BAR))
    if hit is None or hit.price is None or sign > 0:
        return hit
    return Trigger(hit.phase, 2 * CENTRE - hit.price, hit.triggered, hit.ambiguous)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("kind", "limit", "stop", "tif", "expected"),
    [
        ("market", None, None, "day", Trigger(Phase.OPEN, 100)),
        ("market", None, None, "opg", Trigger(Phase.OPEN, 100)),
        ("market", None, None, "cls", Trigger(Phase.CLOSE, 105)),
        ("limit", 100, None, "opg", Trigger(Phase.OPEN, 100)),
        ("limit", 99, None, "opg", None),
        ("limit", 105, None, "cls", Trigger(Phase.CLOSE, 105)),
        ("limit", 104, None, "cls", None),
        ("limit", 101, None, "day", Trigger(Phase.OPEN, 100)),
        ("limit", 95, None, "day", Trigger(Phase.LIMITS, 95)),
        ("limit", 90, None, "gtc", Trigger(Phase.LIMITS, 90)),
        ("limit", 89, None, "gtc", None),
        ("limit", 95, None, "ioc", None),
        ("limit", 100, None, "fok", Trigger(Phase.OPEN, 100)),
        ("stop", None, 100, "gtc", Trigger(Phase.OPEN, 100)),
        ("stop", None, 98, "gtc", Trigger(Phase.OPEN, 100)),
        ("stop", None, 110, "gtc", Trigger(Phase.STOPS, 110)),
        ("stop", None, 111, "gtc", None),
        ("stop_limit", 102, 99, "gtc", Trigger(Phase.OPEN, 100, True)),
        ("stop_limit", 95, 99, "gtc", Trigger(Phase.LIMITS, 95, True)),
        ("stop_limit", 85, 99, "gtc", Trigger(Phase.OPEN, None, True)),
        ("stop_limit", 109, 108, "gtc", Trigger(Phase.STOPS, 108, True)),
        ("stop_limit", 108, 108, "gtc", Trigger(Phase.STOPS, 108, True)),
        ("stop_limit", 104, 108, "gtc", Trigger(Phase.STOPS, None, True, ambiguous=True)),
        ("stop_limit", 85, 108, "gtc", Trigger(Phase.STOPS, None, True, ambiguous=False)),
        ("stop_limit", 112, 111, "gtc", None),
        ("trailing_stop", None, 107, "gtc", Trigger(Phase.STOPS, 107)),
        ("trailing_stop", None, 99, "gtc", Trigger(Phase.OPEN, 100)),
    ],
)
def test_each_row_of_the_table(
    kind: str, limit: int | None, stop: int | None, tif: str, sign: int, expected: Trigger | None
) -> None:
    assert outcome(kind, limit, stop, tif, sign) == expected


@pytest.mark.parametrize("sign", [1, -1])
def test_a_strict_limit_needs_a_price_beyond_it(sign: int) -> None:
    assert outcome("limit", 90, None, "gtc", sign, through=True) is None
    assert outcome("limit", 91, None, "gtc", sign, through=True) == Trigger(Phase.LIMITS, 91)
    assert outcome("limit", 100, None, "gtc", sign, through=True) == Trigger(Phase.OPEN, 100)


def test_a_triggered_stop_limit_is_a_plain_limit() -> None:
    levels = OrderLevels(OrderType.STOP_LIMIT, 1, 95, 108, TimeInForce.GTC)
    assert evaluate(levels, IntegerBar(100, 101, 94, 97, 1), triggered=True) == Trigger(Phase.LIMITS, 95, True)
    assert evaluate(levels, IntegerBar(93, 101, 92, 97, 1), triggered=True) == Trigger(Phase.OPEN, 93, True)
    assert evaluate(levels, IntegerBar(100, 109, 96, 97, 1), triggered=True) is None


@pytest.mark.parametrize(("low", "price"), [(10_300, 10_300), (10_340, 10_340), (10_360, 10_360), (10_390, None)])
def test_a_price_that_finer_bars_settle_stays_within_the_bar_and_the_limit(low: int, price: int | None) -> None:
    levels = OrderLevels(OrderType.STOP_LIMIT, 1, 10_360, 10_500, TimeInForce.GTC)
    finer = [IntegerBar(10_400, 10_600, 10_400, 10_550, 9), IntegerBar(10_300, 10_400, 10_300, 10_350, 9)]
    hit = resolve_stop_limit(levels, finer, IntegerBar(10_400, 10_600, low, 10_400, 9))
    assert (hit.price, hit.triggered) == (price, True)
