"""The rule of the trader: from a conviction to a bracket, a reduction, or nothing.

An entry carries a stop one range of the thesis's whole horizon away and a target at one and a half, in units of the
horizon's own spread as Lopez de Prado (2018, chapter 3) sets barriers: a stop that the noise of a few days reaches only
takes the expected return away (Kaminski & Lo 2014). A strong conviction pays the market; a weaker one waits half a
day's range better and lets the order rest. Resting entries end with every plan: new orders replace them, and a plan
without orders cancels them. Resting exits are kept.
"""

from decimal import ROUND_DOWN, Decimal

from ...domain.abstention import Abstention
from ...domain.brief import Brief, RiskPosture
from ...domain.ids import EvidenceId
from ...domain.market import Quote
from ...domain.orders import (
    Action,
    OrderClass,
    OrderType,
    RestingAction,
    TimeInForce,
)
from ...domain.outputs import OrderPlan, PlannedOrder, RestingInstruction, Thesis
from ...domain.resting_orders import resting_orders
from ..context import AgentContext
from ..order_policy import OrderPolicy
from .research_manager import HOLD_BAND, STRONG, atr_range

STOP_RANGES, TARGET_RANGES, ENTRY_OFFSET_ATR = Decimal(1), Decimal("1.5"), Decimal("0.5")
REBALANCE_BAND = Decimal("0.1")
"""Share of a position by which it may differ from its target size without a trade, to save costs."""

RISK_AVERSE_SCALE = Decimal("0.5")
"""Share of a size that an averse posture takes (TradingGroup: Tian et al. 2025)."""

MICRO_SHARE = Decimal("1e-6")


def plan_orders(context: AgentContext, thesis: Thesis, order_policy: OrderPolicy) -> OrderPlan | Abstention:
    """Return the orders that change the position to the size for the thesis, and the actions on resting orders."""
    return _with_resting_actions(_planned(context, thesis, order_policy), context.brief)


def _with_resting_actions(plan: OrderPlan, brief: Brief) -> OrderPlan:
    """Replace the resting entries by the orders of the plan, or cancel them without any; exits are kept."""
    action = RestingAction.REPLACE if plan.orders else RestingAction.CANCEL
    resting = resting_orders(brief.account, brief.symbol)
    entries = [each for each in resting if each.order.action.opens and not each.fixed]
    if not entries:
        return plan
    stated = tuple(RestingInstruction(order=each.label, action=action) for each in entries)
    return plan.model_copy(update={"resting": stated})


def _planned(context: AgentContext, thesis: Thesis, order_policy: OrderPolicy) -> OrderPlan:
    held = context.brief.account.quantity(context.brief.symbol)
    if abs(thesis.conviction) < HOLD_BAND:
        return OrderPlan(orders=(), rationale="The conviction is too small to act on; what is held stays.")
    target = _sized(order_policy.size(Decimal(str(thesis.conviction)), context.brief), context.brief)
    if held * target < 0:
        return _turn(context, thesis, abs(held), target)
    if abs(target - held) <= abs(held) * REBALANCE_BAND:
        why = f"The size for this thesis is {target:f} shares; the {held:f} that are held are close enough."
        return OrderPlan(orders=(), rationale=why)
    if abs(target) < abs(held):
        return _exit(context, thesis, abs(held) - abs(target), "The position is larger than the thesis carries.")
    return _enter(context, thesis, target - held)


def _sized(target: Decimal, brief: Brief) -> Decimal:
    """Halve the size for an averse risk posture; the result is rounded down."""
    if brief.risk_posture is not RiskPosture.AVERSE:
        return target
    unit = Decimal(1) if brief.quote.whole_shares else MICRO_SHARE
    return (target * RISK_AVERSE_SCALE).quantize(unit, ROUND_DOWN)


def _exit(context: AgentContext, thesis: Thesis, quantity: Decimal, why: str) -> OrderPlan:
    action = Action.SELL if context.brief.account.quantity(context.brief.symbol) > 0 else Action.COVER
    order = _order(action, quantity, OrderType.MARKET, TimeInForce.DAY, why, thesis.evidence)
    return OrderPlan(orders=(order,), rationale=why)


def _turn(context: AgentContext, thesis: Thesis, held: Decimal, target: Decimal) -> OrderPlan:
    """Return the exit of the whole position, and the entry of the other side that awaits it."""
    close = _exit(context, thesis, held, "The thesis points the other way: close first.")
    enter = _enter(context, thesis, target)
    rationale = f"{close.rationale} {enter.rationale}"
    return close.model_copy(update={"orders": (*close.orders, *enter.orders), "rationale": rationale})


def _enter(context: AgentContext, thesis: Thesis, delta: Decimal) -> OrderPlan:
    quote, direction = context.brief.quote, Decimal(thesis.rating.sign)
    if delta < 0 and not context.brief.account.margin:
        return OrderPlan(orders=(), rationale="The thesis is to be short, and this is a cash account.")
    if quote.atr is None:
        return OrderPlan(orders=(), rationale="The average true range is unknown, so no stop can be placed: no entry.")
    patient = abs(thesis.conviction) < STRONG
    entry = quote.last_close - direction * quote.atr * ENTRY_OFFSET_ATR if patient else quote.last_close
    reach = atr_range(quote.atr, thesis.horizon_sessions)
    levels = [_at_tick(entry - direction * reach * ranges, quote) for ranges in (STOP_RANGES, -TARGET_RANGES)]
    if min(levels) <= 0:
        return OrderPlan(orders=(), rationale="The range is so wide that a level would be below zero: no entry.")
    view, horizon = f"{thesis.rating} with conviction {thesis.conviction:+.2f}", thesis.horizon_sessions
    why = f"{view}; stop one range of {horizon} sessions away, target one and a half."
    order = _order(
        Action.BUY if delta > 0 else Action.SHORT,
        abs(delta),
        OrderType.LIMIT if patient else OrderType.MARKET,
        TimeInForce.GTC,
        why,
        thesis.evidence,
        limit=_at_tick(entry, quote) if patient else None,
        bracket=(levels[0], levels[1]),
    )
    return OrderPlan(orders=(order,), rationale=why)


def _at_tick(price: Decimal, quote: Quote) -> Decimal:
    return price.quantize(quote.tick_at(price))


def _order(
    action: Action,
    quantity: Decimal,
    kind: OrderType,
    time_in_force: TimeInForce,
    rationale: str,
    evidence: tuple[EvidenceId, ...],
    *,
    limit: Decimal | None = None,
    bracket: tuple[Decimal, Decimal] | None = None,
) -> PlannedOrder:
    return PlannedOrder(
        action=action,
        quantity=quantity,
        type=kind,
        limit_price=limit,
        stop_price=None,
        trail=None,
        time_in_force=time_in_force,
        order_class=OrderClass.BRACKET if bracket else OrderClass.SIMPLE,
        take_profit_limit=bracket[1] if bracket else None,
        stop_loss_stop=bracket[0] if bracket else None,
        stop_loss_limit=None,
        rationale=rationale,
        evidence=evidence,
    )
