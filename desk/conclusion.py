"""Derive the outcome of a decision from the result of the graph: orders, a deliberate hold, or an abstention."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from ..domain.abstention import Abstention, AbstentionCause, joint_cause
from ..domain.brief import Brief
from ..domain.decision import Outcome, RiskOutcome
from ..domain.ids import ClientOrderId
from ..graph.state import GraphResult
from ..risk.limit_settings import Limits
from ..risk.limits import apply_limits
from ..risk.order_conversion import to_orders

FULL_SCALE = Decimal(1)
"""The approved share of a plan for a desk without a risk committee."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The outcome of a decision, and the result of the risk limits."""

    outcome: Outcome
    risk: RiskOutcome
    abstention: Abstention | None = None


def conclude(work: GraphResult, *, desk: str, reviewed: bool, limits: Limits, attempt: int = 1) -> Conclusion:
    """Return the outcome of the graph's result.

    The desk abstains without a thesis, without a plan, or if a plan with orders lacks the review of the committee that
    the desk has (`reviewed`). A plan without orders, or whose orders are all reduced to nothing, is a hold.
    """
    thesis, plan = work.context.thesis, work.context.plan
    if thesis is None or plan is None:
        return _abstain(work)
    if not plan.orders:
        return Conclusion(Outcome.HOLD, RiskOutcome())
    if reviewed and work.review is None:
        return _abstain(work)
    scale = work.review.allowed if work.review else FULL_SCALE
    orders = to_orders(plan, work.context.brief, lambda leg: client_order_id(work.context.brief, desk, leg, attempt))
    risk = apply_limits(orders, Decimal(str(thesis.conviction)), scale, work.context.brief, limits)
    return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk)


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
