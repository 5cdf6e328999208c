"""Convert an order plan to orders."""

from collections.abc import Callable
from dataclasses import replace

from ..domain.brief import Brief
from ..domain.errors import RiskDenied
from ..domain.ids import ClientOrderId
from ..domain.market import Quote
from ..domain.orders import Order, StopLoss, TakeProfit
from ..domain.outputs import OrderPlan, PlannedOrder
from .number_checks import out_of_range, rounded_to_zero
from .order_rounding import round_for_order, round_price
from .planned_turns import awaited_exit


def to_orders(plan: OrderPlan, brief: Brief, name: Callable[[int], ClientOrderId]) -> tuple[Order, ...]:
    """Convert the planned orders, in their order; `name` returns the id for each index, counted from 0.

    Prices are rounded half-even to the tick, quantities down to whole shares (1e-6 where fractions are traded). An
    entry against the position awaits the exit of all of it that the plan has before it. Raises RiskDenied for a number
    that rounds to zero or is out of range, which `check_order` reports.
    """
    orders = [_checked(planned, brief, name(place)) for place, planned in enumerate(plan.orders)]
    held = brief.account.quantity(brief.symbol)
    awaited = [awaited_exit(plan.orders, place, held) for place in range(len(orders))]
    return tuple(
        order if exit_at is None else replace(order, awaits=orders[exit_at].client_order_id)
        for order, exit_at in zip(orders, awaited, strict=True)
    )


def to_order(planned: PlannedOrder, brief: Brief, client_order_id: ClientOrderId) -> Order:
    """Convert one planned order, rounded as in `to_orders`. Numbers that round to zero are not checked."""
    quote = brief.quote
    target = round_price(planned.take_profit_limit, quote)
    return Order(
        client_order_id=client_order_id,
        symbol=brief.symbol,
        action=planned.action,
        quantity=round_for_order(planned, planned.quantity, quote),
        type=planned.type,
        limit_price=round_price(planned.limit_price, quote),
        stop_price=round_price(planned.stop_price, quote),
        trail=round_price(planned.trail, quote),
        time_in_force=planned.time_in_force,
        order_class=planned.order_class,
        take_profit=TakeProfit(target) if target is not None else None,
        stop_loss=_stop_loss(planned, quote),
        rationale=planned.rationale,
        evidence=planned.evidence,
        lots=planned.lots,
    )


def _stop_loss(planned: PlannedOrder, quote: Quote) -> StopLoss | None:
    stop = round_price(planned.stop_loss_stop, quote)
    if stop is None:
        return None
    return StopLoss(stop, round_price(planned.stop_loss_limit, quote), round_price(planned.stop_loss_trail, quote))


def _checked(planned: PlannedOrder, brief: Brief, client_order_id: ClientOrderId) -> Order:
    defects = tuple(out_of_range(planned))
    order = None if defects else to_order(planned, brief, client_order_id)
    if order is None or (defects := tuple(rounded_to_zero(order))):
        raise RiskDenied(f"{client_order_id} cannot be an order: {defects[0]}; check the plan with check_order first")
    return order
