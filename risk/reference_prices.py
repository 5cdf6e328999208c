"""The prices that an order is judged by, from its own levels and the last close. Quote currency a share."""

from collections.abc import Iterable
from decimal import Decimal

from ..domain.orders import Action, Order, OrderType

STOP_GAP = Decimal(
    "0.05"
)  # that an order without a bound is taken to be filled beyond its price, overnight gaps included


def entry_levels(order: Order, last_close: Decimal) -> tuple[Decimal, ...]:
    """Return the prices at which the order itself may come to be filled; never empty.

    A market order's is the last close, a trailing stop's the level at which it would stand now.
    """
    if order.type is OrderType.TRAILING_STOP and order.trail is not None:
        return (last_close + order.action.sign * order.trail,)
    return _given((order.limit_price, order.stop_price)) or (last_close,)


def exposure_price(order: Order, last_close: Decimal) -> Decimal:
    """Return the price that an opening order is valued at: its own levels or the last close, whichever is highest.

    Valued so, a limit holds both where the order is filled and where the market stands.
    """
    return max(*entry_levels(order, last_close), last_close)


def worst_price(order: Order, last_close: Decimal) -> Decimal:
    """Return the highest price that buying power must cover.

    A buy with a limit costs no more than that limit; any other opening order may be filled `GAP` (a share) above its
    exposure price.
    """
    if order.action is Action.BUY and order.limit_price is not None:
        return order.limit_price
    return exposure_price(order, last_close) * (1 + STOP_GAP)


def highest_level(order: Order) -> Decimal | None:
    """Return the highest price written anywhere on the order, exits included; None where there is none."""
    exits = (
        order.take_profit.limit_price if order.take_profit else None,
        order.stop_loss.stop_price if order.stop_loss else None,
    )
    return max(_given((order.limit_price, order.stop_price, *exits)), default=None)


def _given(levels: Iterable[Decimal | None]) -> tuple[Decimal, ...]:
    return tuple(level for level in levels if level is not None)
