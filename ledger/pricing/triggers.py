"""Trigger rules: when a bar reaches an order, and at what reference price.

The rules are written for buys. Sells are mirrored: prices change sign, and high and low are swapped.
"""

from dataclasses import dataclass
from enum import IntEnum

from ...domain.orders import OrderType, TimeInForce
from .integer_bar import IntegerBar

MARKET, LIMIT, STOP_LIMIT = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT
CLS = TimeInForce.CLS
AT_OPEN_ONLY = (TimeInForce.OPG, TimeInForce.IOC, TimeInForce.FOK)


class Phase(IntEnum):
    """The phases of a bar. Stops come before limits within the bar, so that the worse outcome is assumed."""

    OPEN = 0
    STOPS = 1
    LIMITS = 2
    CLOSE = 3


MARKET_AFTER_TRIGGER = frozenset({OrderType.STOP, OrderType.TRAILING_STOP})
"""Order types that become market orders once triggered."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """How a bar reaches an order.

    Attributes:
        phase: phase of the bar.
        price: reference price in ticks; None when a stop-limit was triggered but not filled.
        triggered: whether the stop of a stop-limit has been reached.
        ambiguous: whether the bar alone cannot decide if the order filled.
    """

    phase: Phase
    price: int | None
    triggered: bool = False
    ambiguous: bool = False


@dataclass(slots=True)
class OrderLevels:
    """The terms that determine how a bar reaches an order, prices in ticks.

    `sign` is +1 to buy and -1 to sell; `stop` is also the current level of a trailing stop; `through` requires a price
    beyond the limit. Instances are replaced, never modified. The class is not frozen, because every order creates an
    instance and creating a frozen one takes three times as long.
    """

    type: OrderType
    sign: int
    limit: int | None
    stop: int | None
    tif: TimeInForce
    through: bool = False


def evaluate(levels: OrderLevels, bar: IntegerBar, triggered: bool = False) -> Trigger | None:
    """Return how `bar` reaches an order with these levels, or None when it does not."""
    sign, tif = levels.sign, levels.tif
    if levels.type is MARKET:
        return Trigger(Phase.CLOSE, bar.close) if tif is CLS else Trigger(Phase.OPEN, bar.open)
    if triggered and levels.type in MARKET_AFTER_TRIGGER:
        return _at_open(bar)
    if levels.type is LIMIT or (triggered and levels.type is STOP_LIMIT):
        return _limit(levels, bar, triggered)
    if sign > 0:
        start, far = bar.open, bar.high
    else:
        start, far = -bar.open, -bar.low
    stop = sign * _level(levels.stop)
    if start >= stop:
        return (
            _limit(levels, bar, True) or Trigger(Phase.OPEN, None, True) if levels.type is STOP_LIMIT else _at_open(bar)
        )
    if far < stop:
        return None
    if levels.type is STOP_LIMIT:
        return _stop_limit_inside(levels, bar)
    return Trigger(Phase.STOPS, _level(levels.stop))


def _at_open(bar: IntegerBar) -> Trigger:
    return Trigger(Phase.OPEN, bar.open)


def _level(price: int | None) -> int:
    if price is None:
        raise ValueError("the order lacks a price level that its type requires")
    return price


def _limit(levels: OrderLevels, bar: IntegerBar, triggered: bool) -> Trigger | None:
    """Apply the limit rule to the bar; OPG, CLS, IOC and FOK orders use the open or the close only."""
    sign = levels.sign
    limit = sign * _level(levels.limit)
    if levels.tif is CLS:
        return Trigger(Phase.CLOSE, bar.close, triggered) if sign * bar.close <= limit else None
    if sign * bar.open <= limit:
        return Trigger(Phase.OPEN, bar.open, triggered)
    if levels.tif in AT_OPEN_ONLY:
        return None
    near = bar.low if sign > 0 else -bar.high
    if near < limit or (near == limit and not levels.through):
        return Trigger(Phase.LIMITS, levels.limit, triggered)
    return None


def _stop_limit_inside(levels: OrderLevels, bar: IntegerBar) -> Trigger:
    """Return the trigger of a stop-limit reached within the bar: at the stop if the limit allows, else unfilled."""
    sign, limit, stop = levels.sign, _level(levels.limit), _level(levels.stop)
    if sign * limit >= sign * stop:
        return Trigger(Phase.STOPS, stop, True)
    near = bar.low if sign > 0 else -bar.high
    return Trigger(Phase.STOPS, None, True, ambiguous=near <= sign * limit)
