"""The orders of one session that a parent order is split into."""

from dataclasses import dataclass, replace
from decimal import Decimal

from ...domain.errors import ConfigError, NoData
from ...domain.ids import ClientOrderId
from ...domain.orders import Order, OrderClass, OrderType, TimeInForce
from ..order_rounding import MICRO_SHARE, SHARE
from ..proposals.order_specs import AlmgrenChrissExecution, ExecutionSpec, NextOpenExecution, VwapExecution
from .schedules import almgren_chriss, twap, vwap


@dataclass(frozen=True, slots=True)
class SessionBars:
    """What is known of the bars of the next session.

    Attributes:
        count: number of bars; 1 where only daily bars are known.
        volume_curve: mean volume or share of volume by bar; empty if unknown.
        volatility: standard deviation of the price change over one bar, in currency per share; None if unknown.
    """

    count: int = 1
    volume_curve: tuple[Decimal, ...] = ()
    volatility: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderSlice:
    """A part of a parent order, to be sent before bar `bar` of the session, counted from 0."""

    bar: int
    order: Order


def split_order(order: Order, execution: ExecutionSpec, bars: SessionBars) -> tuple[OrderSlice, ...]:
    """Return the slices of an order, whose quantities sum to its quantity; empty slices are left out.

    A slice is a day order with the parent's id and `-s<bar>`. An order for the next open, one over a single bar and one
    that rests at a price of its own is a single slice, unchanged. Whole shares stay whole. Raises ConfigError for an
    order with protective legs, NoData without the volume curve or the volatility that the execution needs.
    """
    if isinstance(execution, NextOpenExecution) or bars.count == 1 or order.type is not OrderType.MARKET:
        return (OrderSlice(0, order),)
    if order.order_class is not OrderClass.SIMPLE:
        raise ConfigError(f"{order.client_order_id} has protective legs and cannot be split; use execution next_open")
    step = SHARE if order.quantity == order.quantity.to_integral_value() else MICRO_SHARE
    units = int(order.quantity / step)
    return tuple(
        OrderSlice(bar, _part(order, bar, step * part))
        for bar, part in enumerate(_schedule(units, execution, bars))
        if part
    )


def _part(order: Order, bar: int, quantity: Decimal) -> Order:
    name = ClientOrderId(f"{order.client_order_id}-s{bar}")
    return replace(order, client_order_id=name, quantity=quantity, time_in_force=TimeInForce.DAY)


def _schedule(units: int, execution: ExecutionSpec, bars: SessionBars) -> tuple[int, ...]:
    if isinstance(execution, VwapExecution):
        if len(bars.volume_curve) != bars.count:
            raise NoData(f"the volume curve has {len(bars.volume_curve)} bars, and the session has {bars.count}")
        return vwap(units, bars.volume_curve)
    if isinstance(execution, AlmgrenChrissExecution):
        if bars.volatility is None:
            raise NoData("Almgren-Chriss needs the volatility of a bar, which is unknown")
        return almgren_chriss(
            units,
            bars.count,
            risk_aversion=float(execution.risk_aversion),
            volatility=float(bars.volatility),
            impact=float(execution.impact),
        )
    return twap(units, bars.count)
