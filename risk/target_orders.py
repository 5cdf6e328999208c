"""From a target position to market orders."""

from collections.abc import Callable
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
    """Return the market day order that moves the position in `symbol` from `held` to `target` signed shares.

    A target on the other side only closes the position: a broker that nets positions rejects an opening order against
    an open position, so the new one is opened at a later decision. No order if `held` equals `target`.
    `client_order_id` receives the number of the order, counted from 0.
    """
    change = -held if held * target < 0 else target - held
    if not change:
        return ()
    closes = held * change < 0
    return (_market(symbol, _action(closes=closes, rising=change > 0), abs(change), client_order_id(0)),)


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
