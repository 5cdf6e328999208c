"""Risk limits after the risk committee, applied order by order; every reduction is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal

from ..domain.brief import Brief
from ..domain.decision import RiskOutcome
from ..domain.orders import Clamp, DeniedOrder, Order
from .limit_checks import LIMITS, LimitCheck
from .limit_settings import Limits
from .order_rounding import MICRO_SHARE
from .projection import AccountProjection, initial_projection


@dataclass(frozen=True, slots=True)
class LimitResult:
    """The result of the limits for one order: the reduced order, and the limits that fired, in order."""

    order: Order
    clamps: tuple[Clamp, ...]


def apply_limits(
    orders: Sequence[Order], conviction: Decimal, scale: Decimal, brief: Brief, limits: Limits
) -> RiskOutcome:
    """Reduce `orders`, all of `brief.symbol`, to what the limits allow, in the given order.

    Each order is limited on the AccountProjection that the orders before it leave; an entry that awaits an exit of the
    whole position is limited as if the position were closed, and denied without that exit. `conviction` is the
    thesis's, -1 to 1; `scale` is the share that the committee approves, at most 1. It does not reduce an exit that an
    entry awaits, unless it is 0. Clamps are in shares. An order that is reduced to nothing is denied, with the reason
    of the last limit.
    """
    awaited = {order.awaits for order in orders} if scale > 0 else set()
    projection = initial_projection(brief, limits, conviction, scale)
    results: list[LimitResult] = []
    for order in orders:
        found = projection.awaited_by(order)
        is_awaited = order.client_order_id in awaited
        result = _limit_order(order, replace(found, scale=Decimal(1)) if is_awaited else found)
        results.append(result)
        if result.order.quantity:
            projection = found.after(result.order)
    return RiskOutcome(
        asked=tuple(orders),
        clamps=tuple(clamp for result in results for clamp in result.clamps),
        denied=tuple(
            DeniedOrder(order, result.clamps[-1].reason)
            for order, result in zip(orders, results, strict=True)
            if not result.order.quantity
        ),
        allowed=tuple(result.order for result in results if result.order.quantity),
    )


def _limit_order(order: Order, projection: AccountProjection) -> LimitResult:
    clamps: list[Clamp] = []
    for limit in LIMITS:
        if clamp := _fired(limit, order, projection):
            clamps.append(clamp)
            order = replace(order, quantity=clamp.allowed)
        if not order.quantity:
            break
    return LimitResult(order, tuple(clamps))


def _fired(limit: LimitCheck, order: Order, projection: AccountProjection) -> Clamp | None:
    if limit.openings and not order.action.opens:
        return None
    cap = limit.rule(order, projection)
    if cap is None or cap.quantity >= order.quantity:
        return None
    return Clamp(limit.name, order.client_order_id, order.quantity, _normalize(cap.quantity), cap.reason)


def _normalize(quantity: Decimal) -> Decimal:
    """Round down to millionths of a share, without trailing zeros and without an exponent."""
    return Decimal(f"{quantity.quantize(MICRO_SHARE, ROUND_DOWN).normalize():f}")
