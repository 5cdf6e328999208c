"""From a target position to market orders."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    TimeInForce,
)


def orders_to_target(
    symbol: Symbol, held: Decimal, target: Decimal, client_order_id: Callable[[int], ClientOrderId]
) -> tuple[Order, ...]:
    """Return the market day orders that move the position in `symbol` from `held` to `target` signed shares.

    A target on the other side takes two orders: the exit of the whole position, and an entry that awaits it. No order
    if `held` equals `target`. `client_order_id` receives the number of the order, counted from 0.
    """
    turns = held * target < 0
    change = -held if turns else target - held
    if not change:
        return ()
    closes = held * change < 0
    order = _market(symbol, _action(closes=closes, rising=change > 0), abs(change), client_order_id(0))
    if not turns:
        return (order,)
    entry = _market(symbol, _action(closes=False, rising=target > 0), abs(target), client_order_id(1))
    return order, replace(entry, awaits=order.client_order_id)


def _action(*, closes: bool, rising: bool) -> Action:
    if closes:
        return Action.COVER if rising else Action.SELL
    return Action.BUY if rising else Action.SHORT


def _market(symbol: Symbol, action: Action, quantity: Decimal, client_order_id: ClientOrderId) -> Order:
    return Order(
        client_order_id=client_order_id,
        symbol=symbol,
        action=action,
        quantity=quantity,
        type=OrderType.MARKET,
        limit_price=None,
        stop_price=None,
        trail=None,
        time_in_force=TimeInForce.DAY,
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
        rationale="moves the position to its target size",
        evidence=(),
    )
