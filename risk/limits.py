"""Hard limits after the committee: order by order, rule by rule, with every cut on record."""

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
    """What became of one order: how much of it stands, and the limits that fired, in turn."""

    order: Order
    clamps: tuple[Clamp, ...]


def apply_limits(
    orders: Sequence[Order], conviction: Decimal, scale: Decimal, brief: Brief, limits: Limits
) -> RiskOutcome:
    """Cut `orders`, all of `brief.symbol`, to what the limits allow, in the order in which they are given.

    Each order is judged on the account as the orders before it leave it (see `Picture`). `conviction` is the
    thesis's, -1 to 1; `scale` is the share that the committee lets through and never enlarges anything. Clamps are
    in shares. An order that is cut to nothing is denied, with the reason of the limit that did it.
    """
    projection = initial_projection(brief, limits, conviction, scale)
    rulings: list[LimitResult] = []
    for order in orders:
        ruling = _limit_order(order, projection)
        rulings.append(ruling)
        if ruling.order.quantity:
            projection = projection.after(ruling.order)
    return RiskOutcome(
        asked=tuple(orders),
        clamps=tuple(clamp for ruling in rulings for clamp in ruling.clamps),
        denied=tuple(
            DeniedOrder(order, ruling.clamps[-1].reason)
            for order, ruling in zip(orders, rulings, strict=True)
            if not ruling.order.quantity
        ),
        allowed=tuple(ruling.order for ruling in rulings if ruling.order.quantity),
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
    """Cut to millionths of a share, without zeros after the last decimal and without an exponent."""
    return Decimal(f"{quantity.quantize(MICRO_SHARE, ROUND_DOWN).normalize():f}")
