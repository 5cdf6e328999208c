"""Resolve ambiguous fills of a bar with its intraday bars."""

from collections.abc import Sequence

from ...domain.orders import OrderType
from .integer_bar import IntegerBar
from .triggers import (
    OrderLevels,
    Phase,
    Trigger,
    evaluate,
)


def first_fill_index(levels: OrderLevels, intraday: Sequence[IntegerBar], triggered: bool) -> int:
    """Return the index of the first intraday bar that fills the order, or the number of bars when none does."""
    for place, bar in enumerate(intraday):
        trigger = evaluate(levels, bar, triggered) if bar.volume else None
        if trigger is not None:
            triggered = triggered or trigger.triggered
            if trigger.price is not None:
                return place
    return len(intraday)


def resolve_stop_limit(levels: OrderLevels, intraday: Sequence[IntegerBar], whole: IntegerBar) -> Trigger:
    """Return the trigger of a stop-limit on the bar `whole`, with a price if it was filled after its stop.

    Fill prices are clamped to the range of `whole`, because the intraday bars may come from another feed.
    """
    as_stop = OrderLevels(OrderType.STOP, levels.sign, None, levels.stop, levels.tif)
    start = first_fill_index(as_stop, intraday, False)
    if start == len(intraday):
        return Trigger(Phase.STOPS, None, True, ambiguous=True)
    as_limit = OrderLevels(OrderType.LIMIT, levels.sign, levels.limit, None, levels.tif, levels.through)
    for bar in intraday[start + 1 :]:
        trigger = evaluate(as_limit, bar) if bar.volume else None
        if trigger is not None and trigger.price is not None:
            price = min(max(trigger.price, whole.low), whole.high)
            if levels.limit is None or levels.sign * (levels.limit - price) >= 0:
                return Trigger(Phase.LIMITS, price, True)
    return Trigger(Phase.STOPS, None, True)
