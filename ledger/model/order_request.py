"""Conversion of the desk's orders to ledger orders: decimals to integers, exits to separate orders."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from math import ceil

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
    """An order with its exits, submitted together.

    The exits of a bracket or OTO are held until the order fills. In an OCO the order is one leg and the exit the other.
    """

    terms: OrderTerms
    exits: tuple[OrderTerms, ...] = ()


def to_order_request(
    order: Order, instrument: Instrument, *, run_id: str, decision_id: str, lots: tuple[str, ...] = ()
) -> OrderRequest:
    """Convert a desk order to an order request.

    `lots` are the ids of the lots that a closing order takes first, for accounts with specific lot identification.
    Raises OrderRejected for prices or quantities between two steps, and for exits that do not fit the order class.
    """
    main = OrderTerms(
        order_id=order.client_order_id,
        symbol=order.symbol,
        sign=order.action.sign,
        closing=not order.action.opens,
        quantity=exact_units(order.quantity, instrument.quantity_scale, "quantity"),
        type=order.type,
        limit=_price(order.limit_price, instrument, "limit price"),
        stop=_price(order.stop_price, instrument, "stop price"),
        trail=_distance(order.trail, instrument, "trail"),
        tif=order.time_in_force,
        run_id=run_id,
        decision_id=decision_id,
        lots=lots,
        good_after=None if order.good_after is None else _seconds(order.good_after, order.client_order_id),
        slice_of=order.slice_of,
        awaits=order.awaits,
    )
    if order.order_class is OrderClass.OCO:
        return _oco(main, order, instrument)
    exits = [] if order.take_profit is None else [_take_profit(main, order.take_profit.limit_price, instrument)]
    if order.stop_loss is not None:
        exits.append(_stop_loss(main, order, instrument))
    wanted = {OrderClass.SIMPLE: (0,), OrderClass.OTO: (1,), OrderClass.BRACKET: (2,)}[order.order_class]
    if len(exits) not in wanted:
        raise OrderRejected(
            f"a {order.order_class} order takes {wanted[0]} exits, but {main.order_id} has {len(exits)}"
        )
    if len(exits) == 2:
        group = exits[0].order_id
        exits = [replace(leg, group=group) for leg in exits]
    return OrderRequest(main, tuple(exits))


def _seconds(moment: datetime, order_id: str) -> int:
    """Return the first whole second since 1970-01-01 UTC that is not before `moment`."""
    if moment.tzinfo is None:
        raise OrderRejected(f"the good-after moment {moment} of order {order_id} has no time zone; add one")
    return ceil(moment.timestamp())


def _distance(price: Decimal | None, instrument: Instrument, what: str) -> int | None:
    return None if price is None else exact_units(price, instrument.price_scale, what)


def _price(price: Decimal | None, instrument: Instrument, what: str) -> int | None:
    """Return a limit or stop price in price steps; raises OrderRejected for one between two ticks of the exchange."""
    if price is None:
        return None
    steps = exact_units(price, instrument.price_scale, what)
    tick = instrument.tick(steps)
    if steps % tick:
        raise OrderRejected(
            f"{what} {price} lies between two ticks of {instrument.price(tick)}; round it to one of them"
        )
    return steps


def _exit(main: OrderTerms, suffix: str, kind: OrderType, limit: int | None, stop: int | None) -> OrderTerms:
    """Return a GTC exit order on the opposite side of `main`."""
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
        good_after=None,
        slice_of=None,
        awaits=None,
    )


def _take_profit(main: OrderTerms, price: Decimal, instrument: Instrument) -> OrderTerms:
    return _exit(main, "tp", OrderType.LIMIT, _price(price, instrument, "take-profit limit"), None)


def _stop_loss(main: OrderTerms, order: Order, instrument: Instrument) -> OrderTerms:
    loss = order.stop_loss
    if loss is None:
        raise OrderRejected(f"order {main.order_id} needs a stop loss")
    stop, limit = (
        _price(loss.stop_price, instrument, "stop-loss stop"),
        _price(loss.limit_price, instrument, "stop-loss limit"),
    )
    if loss.trail is not None:
        trailing = _exit(main, "sl", OrderType.TRAILING_STOP, limit, stop)
        return replace(trailing, trail=_distance(loss.trail, instrument, "stop-loss trail"))
    return _exit(main, "sl", OrderType.STOP if limit is None else OrderType.STOP_LIMIT, limit, stop)


def _oco(main: OrderTerms, order: Order, instrument: Instrument) -> OrderRequest:
    """Return an OCO pair on one side: a limit order, at the take profit if there is one, and a stop order."""
    limit = (
        main.limit if order.take_profit is None else _price(order.take_profit.limit_price, instrument, "take profit")
    )
    if limit is None or order.stop_loss is None:
        raise OrderRejected(f"an oco order takes a limit and a stop loss, and {main.order_id} lacks one of them")
    first = replace(main, type=OrderType.LIMIT, limit=limit, stop=None, group=main.order_id)
    stop = _stop_loss(first, order, instrument)
    beside = replace(stop, parent=None, group=main.order_id, lots=main.lots)
    beside = replace(beside, sign=main.sign, closing=main.closing, tif=main.tif, good_after=main.good_after)
    return OrderRequest(first, (beside,))
