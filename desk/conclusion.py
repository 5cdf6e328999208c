"""Derive the outcome of a decision from the result of the graph: orders, a deliberate hold, or an abstention."""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from ..domain.abstention import Abstention, AbstentionCause, joint_cause
from ..domain.brief import Brief
from ..domain.decision import Outcome, RiskOutcome
from ..domain.ids import ClientOrderId
from ..domain.orders import RestingOrderAction
from ..domain.resting_orders import account_after_actions, stated_actions, without_canceled_exits
from ..graph.state import GraphResult
from ..risk.limit_settings import Limits
from ..risk.limits import apply_limits
from ..risk.order_conversion import to_orders

FULL_SCALE = Decimal(1)
"""The approved share of a plan for a desk without a risk committee."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The outcome of a decision, the result of the risk limits, and the actions on resting orders."""

    outcome: Outcome
    risk: RiskOutcome
    abstention: Abstention | None = None
    resting_actions: tuple[RestingOrderAction, ...] = ()


def conclude(work: GraphResult, *, desk: str, reviewed: bool, limits: Limits, attempt: int = 1) -> Conclusion:
    """Return the outcome of the graph's result.

    The desk abstains without a thesis, without a plan, or if a plan with orders lacks the review of the committee that
    the desk has (`reviewed`). A plan without orders, or whose orders are all reduced to nothing, is a hold. The limits
    count resting orders that the plan keeps, and not those that it cancels or replaces. A vetoed plan cancels no exit.
    """
    thesis, plan = work.context.thesis, work.context.plan
    if thesis is None or plan is None:
        return _abstain(work)
    brief = work.context.brief
    actions = stated_actions(plan, brief.account, brief.symbol)
    if not plan.orders:
        return Conclusion(Outcome.HOLD, RiskOutcome(), resting_actions=actions)
    if reviewed and work.review is None:
        return _abstain(work)
    scale = work.review.allowed if work.review else FULL_SCALE
    if not scale:
        actions = without_canceled_exits(actions, brief.account, brief.symbol)
    orders = to_orders(plan, brief, lambda leg: client_order_id(brief, desk, leg, attempt))
    counted = replace(brief, account=account_after_actions(brief.account, actions))
    risk = apply_limits(orders, Decimal(str(thesis.conviction)), scale, counted, limits)
    return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk, resting_actions=actions)


def client_order_id(brief: Brief, desk: str, leg: int, attempt: int = 1) -> ClientOrderId:
    """Return the id of an order; it is a function of account, session, symbol, desk, leg and attempt.

    The first attempt's id has no suffix, attempt N has `-tryN`. An id that the broker has rejected is skipped.
    """
    whole = f"{brief.account.name}|{brief.session}|{brief.symbol}|{desk}|{leg}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    name = f"{brief.session:%Y%m%d}-{brief.symbol}-{digest}-{leg}"
    tries = (ClientOrderId(name if number == 1 else f"{name}-try{number}") for number in count(attempt))
    return next(each for each in tries if each not in brief.account.rejected_ids)


def _abstain(work: GraphResult) -> Conclusion:
    """Return the abstention that ended the decision: the last one, or those of all analysts combined."""
    abstentions = work.context.abstentions
    if work.context.reports and abstentions:
        return Conclusion(Outcome.ABSTAIN, RiskOutcome(), abstentions[-1])
    if not abstentions:
        return Conclusion(
            Outcome.ABSTAIN, RiskOutcome(), Abstention("desk", AbstentionCause.INCOMPLETE, "no analyst had a view")
        )
    said = "; ".join(dict.fromkeys(abstention.reason for abstention in abstentions))
    who = abstentions[0].role if len(abstentions) == 1 else "desk"
    return Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention(who, joint_cause(abstentions), said))
