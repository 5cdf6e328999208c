"""Checks of the numbers of a planned order: their size, and whether rounding leaves anything of them."""

from collections.abc import Iterator

from ..domain.orders import Order
from ..domain.outputs import PlannedOrder

TOO_LARGE = 15
"""Digits before the decimal point; no traded number is that large, and decimals stay exact below it."""

LEVEL_NAMES = (
    "limit_price",
    "stop_price",
    "trail",
    "take_profit_limit",
    "stop_loss_stop",
    "stop_loss_limit",
    "stop_loss_trail",
)


def out_of_range(planned: PlannedOrder) -> Iterator[str]:
    """Yield a sentence for each number of 10^15 or more."""
    numbers = planned.model_dump(include={*LEVEL_NAMES, "quantity"}, exclude_none=True)
    for name, number in numbers.items():
        if number.adjusted() >= TOO_LARGE:
            yield f"its {name} of {number:.3E} is beyond all reason"


def rounded_to_zero(order: Order) -> Iterator[str]:
    """Yield a sentence for each quantity or price that was rounded to zero."""
    if not order.quantity:
        yield "its quantity is less than the smallest that can be traded"
    target, stop = order.take_profit, order.stop_loss
    legs = (target and target.limit_price, stop and stop.stop_price, stop and stop.limit_price, stop and stop.trail)
    levels = zip(LEVEL_NAMES, (order.limit_price, order.stop_price, order.trail, *legs), strict=True)
    yield from (f"its {name} rounds to zero" for name, level in levels if level is not None and not level)
