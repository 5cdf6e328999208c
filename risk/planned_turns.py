"""Plans that turn a position: an exit of the whole position, and an entry of the other side that awaits it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ..domain.brief import Brief
from ..domain.orders import OrderClass, TimeInForce
from ..domain.outputs import PlannedOrder

WAITING = (TimeInForce.DAY, TimeInForce.GTC)
"""The times in force that an entry can wait with."""


def awaited_exit(orders: Sequence[PlannedOrder], place: int, held: Decimal) -> int | None:
    """Return the place of the planned exit that the order at `place` awaits, or None if it awaits none.

    An entry against the position of `held` signed shares awaits the simple order before it that closes all of them.
    """
    order = orders[place]
    if not order.action.opens or order.action.sign * held >= 0 or order.time_in_force not in WAITING:
        return None
    return next((at for at in range(place) if _closes_all(orders[at], held)), None)


def brief_for(orders: Sequence[PlannedOrder], place: int, brief: Brief) -> Brief:
    """Return the brief that the order at `place` is checked with: without the position if it awaits its exit."""
    if awaited_exit(orders, place, brief.account.quantity(brief.symbol)) is None:
        return brief
    left = {symbol: each for symbol, each in brief.account.holdings.items() if symbol != brief.symbol}
    return replace(brief, account=replace(brief.account, holdings=left))


def _closes_all(order: PlannedOrder, held: Decimal) -> bool:
    is_exit = not order.action.opens and order.order_class is OrderClass.SIMPLE
    return is_exit and order.action.sign * held < 0 and order.quantity == abs(held)
