"""The rules of the risk committee: each appetite tolerates so much volatility; the chair takes the median.

Scaling a position by tolerated over realised volatility is volatility targeting (Moreira & Muir 2017).
"""

from dataclasses import dataclass
from statistics import median

from ...domain.abstention import Abstention
from ...domain.outputs import (
    OrderPlan,
    RiskOpinion,
    RiskReview,
    Verdict,
)
from ..context import AgentContext
from ..risk_committee import RiskAppetite


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The limits of one appetite: annual volatility of the symbol, implied volatility, sessions before a filing."""

    volatility: float
    implied: float
    sessions_before_filing: float


TOLERANCES = {
    RiskAppetite.AGGRESSIVE: Tolerance(volatility=0.80, implied=45, sessions_before_filing=0),
    RiskAppetite.NEUTRAL: Tolerance(volatility=0.50, implied=32, sessions_before_filing=1),
    RiskAppetite.CONSERVATIVE: Tolerance(volatility=0.35, implied=25, sessions_before_filing=3),
}
EVENT_SCALE = 0.5
"""The approved share of a plan if a filing is due too soon."""


def assess(context: AgentContext, plan: OrderPlan, appetite: RiskAppetite) -> RiskOpinion | Abstention:
    """Approve or shrink a plan by volatility, implied volatility and the next filing; exits are always approved."""
    if not any(order.action.opens for order in plan.orders):
        return RiskOpinion(verdict=Verdict.APPROVE, scale=1.0, reason="The plan adds no risk.", evidence=())
    volatility = context.value("tech.vol60")
    if volatility is None:
        return RiskOpinion(
            verdict=Verdict.VETO, scale=0.0, reason="The volatility is unknown, so no size can be judged.", evidence=()
        )
    scale, reasons = _scale(context, TOLERANCES[appetite], volatility)
    return RiskOpinion(
        verdict=Verdict.APPROVE if scale == 1 else Verdict.SHRINK,
        scale=scale,
        reason=" ".join(reasons) or f"A volatility of {volatility:.0%} is within the {appetite} tolerance.",
        evidence=context.existing_ids(("tech.vol60", "macro.vix", "cal.sessions_to_next_filing")),
    )


def review(context: AgentContext, plan: OrderPlan) -> RiskReview | Abstention:
    """Approve the median of the shares that the risk analysts approve; there is at least one."""
    allowed = float(round(median(float(o.opinion.allowed) for o in context.opinions), 4))
    verdict = Verdict.APPROVE if allowed == 1 else Verdict.VETO if allowed == 0 else Verdict.SHRINK
    views = ", ".join(f"{o.speaker} {float(o.opinion.allowed):.2f}" for o in context.opinions)
    reason = f"Median of the voices ({views}) on {len(plan.orders)} order(s)."
    return RiskReview(verdict=verdict, scale=allowed, reason=reason, evidence=context.existing_ids(("tech.vol60",)))


def _scale(context: AgentContext, tolerance: Tolerance, volatility: float) -> tuple[float, list[str]]:
    scale, reasons = 1.0, []
    if volatility > tolerance.volatility:
        scale *= tolerance.volatility / volatility
        reasons.append(f"Volatility {volatility:.0%} is above {tolerance.volatility:.0%}.")
    implied = context.value("macro.vix")
    if implied is not None and implied > tolerance.implied:
        scale *= tolerance.implied / implied
        reasons.append(f"Implied volatility {implied:.0f} is above {tolerance.implied:.0f}.")
    due = context.value("cal.sessions_to_next_filing")
    if due is not None and 0 <= due < tolerance.sessions_before_filing:
        scale *= EVENT_SCALE
        reasons.append(f"A filing is due in about {due:.0f} session(s).")
    return round(scale, 4), reasons
