"""From the desk's order to the ledger's: decimals become integers, and exits become orders of their own."""

from dataclasses import dataclass, replace
from decimal import Decimal

from ...domain.errors import OrderRejected
from ...domain.orders import (
    Order,
    OrderClass,
    OrderType,
    TimeInForce,
)
from ..pricing.units import exact_units
from .instrument import Instrument
from .order import OrderTerms


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is submitted at once: an order and the exits that belong to it.

    The exits of a bracket or OTO wait for the order; in an OCO the order itself is one leg and the exit its sibling.
    """

    terms: OrderTerms
    exits: tuple[OrderTerms, ...] = ()


def to_order_request(
    order: Order, instrument: Instrument, *, run_id: str, decision_id: str, lots: tuple[str, ...] = ()
) -> OrderRequest:
    """Return the ledger's form of a desk's order; raises OrderRejected for prices or quantities between two steps.

    `lots` names what a closing order takes first in an account that picks its lots.
    """
    scale = instrument.price_scale
    main = OrderTerms(
        order_id=order.client_order_id,
        symbol=order.symbol,
        sign=order.action.sign,
        closing=not order.action.opens,
        quantity=exact_units(order.quantity, instrument.quantity_scale, "quantity"),
        type=order.type,
        limit=_ticks(order.limit_price, scale, "limit price"),
        stop=_ticks(order.stop_price, scale, "stop price"),
        trail=_ticks(order.trail, scale, "trail"),
        tif=order.time_in_force,
        run_id=run_id,
        decision_id=decision_id,
        lots=lots,
    )
    if order.order_class is OrderClass.OCO:
        return _oco(main, order, scale)
    exits = [] if order.take_profit is None else [_take_profit(main, order.take_profit.limit_price, scale)]
    if order.stop_loss is not None:
        exits.append(_stop_loss(main, order, scale))
    wanted = {OrderClass.SIMPLE: (0,), OrderClass.OTO: (1,), OrderClass.BRACKET: (2,)}[order.order_class]
    if len(exits) not in wanted:
        raise OrderRejected(
            f"a {order.order_class} order takes {wanted[0]} exits, but {main.order_id} has {len(exits)}"
        )
    if len(exits) == 2:
        group = exits[0].order_id
        exits = [replace(leg, group=group) for leg in exits]
    return OrderRequest(main, tuple(exits))


def _ticks(price: Decimal | None, scale: int, what: str) -> int | None:
    return None if price is None else exact_units(price, scale, what)


def _exit(main: OrderTerms, suffix: str, kind: OrderType, limit: int | None, stop: int | None) -> OrderTerms:
    """Return an exit on the other side of `main`; it stays open beyond the day on which its parent is filled."""
    return replace(
        main,
        order_id=f"{main.order_id}.{suffix}",
        sign=-main.sign,
        closing=True,
        type=kind,
        limit=limit,
        stop=stop,
        trail=None,
        lots=(),
        tif=TimeInForce.GTC,
        parent=main.order_id,
    )


def _take_profit(main: OrderTerms, price: Decimal, scale: int) -> OrderTerms:
    return _exit(main, "tp", OrderType.LIMIT, _ticks(price, scale, "take-profit limit"), None)


def _stop_loss(main: OrderTerms, order: Order, scale: int) -> OrderTerms:
    loss = order.stop_loss
    if loss is None:
        raise OrderRejected(f"order {main.order_id} needs a stop loss")
    stop, limit = _ticks(loss.stop_price, scale, "stop-loss stop"), _ticks(loss.limit_price, scale, "stop-loss limit")
    if loss.trail is not None:
        trailing = _exit(main, "sl", OrderType.TRAILING_STOP, limit, stop)
        return replace(trailing, trail=_ticks(loss.trail, scale, "stop-loss trail"))
    return _exit(main, "sl", OrderType.STOP if limit is None else OrderType.STOP_LIMIT, limit, stop)


def _oco(main: OrderTerms, order: Order, scale: int) -> OrderRequest:
    """Return a limit order, at the take profit where one is given, with its stop as a sibling on the same side."""
    limit = main.limit if order.take_profit is None else _ticks(order.take_profit.limit_price, scale, "take profit")
    if limit is None or order.stop_loss is None:
        raise OrderRejected(f"an oco order takes a limit and a stop loss, and {main.order_id} lacks one of them")
    first = replace(main, type=OrderType.LIMIT, limit=limit, stop=None, group=main.order_id)
    stop = _stop_loss(first, order, scale)
    beside = replace(stop, parent=None, group=main.order_id, lots=main.lots)
    return OrderRequest(first, (replace(beside, sign=main.sign, closing=main.closing, tif=main.tif),))
