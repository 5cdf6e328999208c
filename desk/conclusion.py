"""From what the graph ended in to an outcome: orders, a deliberate hold, or an abstention."""

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
from ..risk.order_conversion import as_orders

FULL_SCALE = Decimal(1)
"""What passes when a desk has no risk committee: everything, up to the hard limits."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How the desk's work ended, and what arithmetic made of its plan."""

    outcome: Outcome
    risk: RiskOutcome
    abstention: Abstention | None = None


def conclude(work: GraphResult, *, desk: str, reviewed: bool, limits: Limits, attempt: int = 1) -> Conclusion:
    """Judge what the graph ended in.

    Without a thesis, without a plan, or without the review that a desk with a committee (`reviewed`) owes to a plan
    with orders, the desk abstains. A plan without orders, or one of which nothing passes, is a hold.
    """
    thesis, plan = work.context.thesis, work.context.plan
    if thesis is None or plan is None:
        return _abstain(work)
    if not plan.orders:
        return Conclusion(Outcome.HOLD, RiskOutcome())
    if reviewed and work.review is None:
        return _abstain(work)
    scale = work.review.allowed if work.review else FULL_SCALE
    orders = as_orders(plan, work.context.brief, lambda leg: client_order_id(work.context.brief, desk, leg, attempt))
    risk = apply_limits(orders, Decimal(str(thesis.conviction)), scale, work.context.brief, limits)
    return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk)


def client_order_id(brief: Brief, desk: str, leg: int, attempt: int = 1) -> ClientOrderId:
    """Return an order's id: the same account, session, symbol, desk, leg and attempt can never trade twice.

    The first attempt's id has no suffix, attempt N has `-tryN`. An id that the broker has refused is not used again:
    the order gets the next one.
    """
    whole = f"{brief.account.name}|{brief.session}|{brief.symbol}|{desk}|{leg}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    name = f"{brief.session:%Y%m%d}-{brief.symbol}-{digest}-{leg}"
    tries = (ClientOrderId(name if number == 1 else f"{name}-try{number}") for number in count(attempt))
    return next(each for each in tries if each not in brief.account.rejected_ids)


def _abstain(work: GraphResult) -> Conclusion:
    """Name the absence that left the desk without a view: the last one to fall, or all analysts together."""
    abstentions = work.context.abstentions
    if work.context.reports and abstentions:
        return Conclusion(Outcome.ABSTAIN, RiskOutcome(), abstentions[-1])
    if not abstentions:
        return Conclusion(
            Outcome.ABSTAIN, RiskOutcome(), Abstention("desk", AbstentionCause.BENCH, "no analyst had a view")
        )
    said = "; ".join(dict.fromkeys(abstention.reason for abstention in abstentions))
    who = abstentions[0].role if len(abstentions) == 1 else "desk"
    return Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention(who, joint_cause(abstentions), said))
