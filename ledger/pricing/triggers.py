"""Where on a bar an order is reached, and at what reference price.

Everything is said for a buy. A sale is the same thing in a mirror: prices change sign, high and low change places.
"""

from dataclasses import dataclass
from enum import IntEnum

from ...domain.orders import OrderType, TimeInForce
from .integer_bar import IntegerBar

MARKET, LIMIT, STOP_LIMIT = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT
CLS = TimeInForce.CLS
AT_OPEN_ONLY = (TimeInForce.OPG, TimeInForce.IOC, TimeInForce.FOK)


class Phase(IntEnum):
    """The course of a bar. Inside the bar protective stops come before limits: the worse outcome is assumed first."""

    OPEN = 0
    STOPS = 1
    LIMITS = 2
    CLOSE = 3


MARKET_AFTER_TRIGGER = frozenset({OrderType.STOP, OrderType.TRAILING_STOP})
"""Orders that are market orders from the moment on at which their level was reached, until they are filled."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """That a bar reached an order.

    Attributes:
        phase: when within the bar.
        price: reference price in ticks; None when a stop-limit was only triggered.
        triggered: whether a stop-limit's stop has been passed by now.
        ambiguous: whether the bar leaves open if there should have been a fill.
    """

    phase: Phase
    price: int | None
    triggered: bool = False
    ambiguous: bool = False


@dataclass(slots=True)
class OrderLevels:
    """What decides where an order is reached: `sign` is +1 to buy and -1 to sell, `stop` a trailing stop's level.

    Replaced, never changed; not frozen, for a frozen one takes three times as long to make, and every order needs one.
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
        raise ValueError("an order without the level that its type needs must not be accepted")
    return price


def _limit(levels: OrderLevels, bar: IntegerBar, triggered: bool) -> Trigger | None:
    """Apply the limit rule to the whole bar; on-open, on-close and immediate orders look at one price only."""
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
    """Decide a stop-limit triggered inside the bar: at the stop if the limit allows, else not on this bar."""
    sign, limit, stop = levels.sign, _level(levels.limit), _level(levels.stop)
    if sign * limit >= sign * stop:
        return Trigger(Phase.STOPS, stop, True)
    near = bar.low if sign > 0 else -bar.high
    return Trigger(Phase.STOPS, None, True, ambiguous=near <= sign * limit)
