"""The orders of one session that a parent order is split into."""

from dataclasses import replace
from decimal import Decimal

from ...domain.errors import NoData
from ...domain.execution import ExecutionPlan
from ...domain.ids import ClientOrderId
from ...domain.orders import Order, OrderType, TimeInForce
from ..order_rounding import MICRO_SHARE, SHARE
from .schedules import almgren_chriss, twap, vwap


def is_splittable(order: Order) -> bool:
    """Return whether an order is split by a schedule: it is a market order that may be filled all day.

    An entry that awaits an exit is sent as a whole, since it can only be filled once all slices of the exit are.
    """
    is_market = order.type is OrderType.MARKET and order.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)
    return is_market and order.awaits is None


def split_order(order: Order, plan: ExecutionPlan | None) -> tuple[Order, ...]:
    """Return the slices of an order, whose quantities sum to its quantity; empty slices are left out.

    A slice is a day order that is good after the start of its bar, with the parent's id and `-s<bar>`, counted from 1.
    It carries the parent's protective orders for its own quantity. Whole shares stay whole. Without a plan, with a plan
    for one order, and for an order that is not splittable the result is the order itself. Raises NoData for a plan
    without the volume curve, the volatility or the impact that its kind needs.
    """
    if plan is None or not plan.starts or not is_splittable(order):
        return (order,)
    step = SHARE if order.quantity == order.quantity.to_integral_value() else MICRO_SHARE
    parts = _schedule(int(order.quantity / step), plan)
    return tuple(_slice(order, plan, bar, step * part) for bar, part in enumerate(parts) if part)


def _slice(order: Order, plan: ExecutionPlan, bar: int, quantity: Decimal) -> Order:
    return replace(
        order,
        client_order_id=ClientOrderId(f"{order.client_order_id}-s{bar + 1}"),
        quantity=quantity,
        time_in_force=TimeInForce.DAY,
        good_after=plan.starts[bar],
        slice_of=order.client_order_id,
    )


def _schedule(units: int, plan: ExecutionPlan) -> tuple[int, ...]:
    """Return the units of each bar."""
    bars = len(plan.starts)
    if plan.kind == "vwap":
        if len(plan.volume_curve) != bars:
            raise NoData(f"the volume curve has {len(plan.volume_curve)} bars, and the session has {bars}")
        return vwap(units, plan.volume_curve)
    if plan.kind == "almgren_chriss":
        if plan.volatility is None or plan.impact is None or plan.risk_aversion is None:
            raise NoData("Almgren-Chriss needs a risk aversion, the volatility of a bar and an impact")
        return almgren_chriss(
            units,
            bars,
            risk_aversion=float(plan.risk_aversion),
            volatility=float(plan.volatility),
            impact=float(plan.impact),
        )
    return twap(units, bars)
