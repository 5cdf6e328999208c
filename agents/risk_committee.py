"""The risk committee: risk analysts with different appetites, and the risk manager. It can only shrink or veto."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..domain.abstention import Abstention, joint_cause
from ..domain.decision import RiskAssessment
from ..domain.outputs import (
    OrderPlan,
    RiskOpinion,
    RiskReview,
    Thesis,
)
from . import formatting
from .context import AgentContext, check_citations
from .role import Role


class RiskAppetite(StrEnum):
    """How much risk a risk analyst accepts."""

    AGGRESSIVE = "aggressive"
    NEUTRAL = "neutral"
    CONSERVATIVE = "conservative"


AnalystRule = Callable[[AgentContext, OrderPlan, RiskAppetite], RiskOpinion | Abstention]
ManagerRule = Callable[[AgentContext, OrderPlan], RiskReview | Abstention]


PROMPT_INPUTS = frozenset({"thesis", "plan", "market", "account", "exhibits", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class RiskAnalyst:
    """Assesses a plan with one risk appetite."""

    role: Role
    appetite: RiskAppetite
    rule: AnalystRule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_analyst", PROMPT_INPUTS | {"appetite"})

    async def assess(self, context: AgentContext, thesis: Thesis, plan: OrderPlan) -> RiskAssessment | Abstention:
        """Return an assessment, or an abstention if the model fails or cites unknown evidence."""
        answer = await self.role.generate(
            RiskOpinion,
            lambda: {"appetite": self.appetite, **_inputs(context, thesis, plan)},
            rule=lambda: self.rule(context, plan, self.appetite),
            check=lambda opinion: check_citations(opinion.evidence, context.citable, required=False),
        )
        return answer if isinstance(answer, Abstention) else RiskAssessment(self.role.name, answer)


@dataclass(frozen=True, slots=True)
class RiskManager:
    """Reviews the plan after the risk analysts, with the final verdict of the committee."""

    role: Role
    rule: ManagerRule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_manager", PROMPT_INPUTS | {"opinions"})

    async def review(self, context: AgentContext, thesis: Thesis, plan: OrderPlan) -> RiskReview | Abstention:
        """Return the review of the plan.

        Returns an abstention without any assessment, or if the model fails or cites unknown evidence.
        """
        if not context.opinions:
            return self._without_opinions(context)
        opinions = formatting.format_assessments(context.opinions)
        absent = formatting.format_missing((), context.abstentions)
        return await self.role.generate(
            RiskReview,
            lambda: {"opinions": f"{opinions}\nAbsent: {absent}", **_inputs(context, thesis, plan)},
            rule=lambda: self.rule(context, plan),
            check=lambda answer: check_citations(answer.evidence, context.citable, required=False),
        )

    def _without_opinions(self, context: AgentContext) -> Abstention:
        """Abstain for the cause of the risk analysts: where the model failed them, the run can be resumed."""
        silent = [abstention for abstention in context.abstentions if abstention.role in set(RiskAppetite)]
        reasons = "; ".join(dict.fromkeys(abstention.reason for abstention in silent))
        said = "no voice of the risk committee has a view"
        return Abstention(self.role.name, joint_cause(silent), f"{said}: {reasons}" if reasons else said)


def _inputs(context: AgentContext, thesis: Thesis, plan: OrderPlan) -> dict[str, str]:
    brief = context.brief
    cited = {*thesis.evidence, *(i for order in plan.orders for i in order.evidence)}
    return {
        "thesis": formatting.format_thesis(thesis),
        "plan": formatting.format_plan(plan),
        "market": formatting.format_market(brief),
        "account": formatting.format_account(brief.account, brief),
        "exhibits": formatting.format_exhibits(
            e for e in context.evidence if e.id in cited or e.id in RISK_EVIDENCE_KINDS
        ),
        "memories": formatting.format_memories(context.memories),
        "ticker": brief.symbol,
        "as_of": formatting.format_as_of(brief),
    }


RISK_EVIDENCE_KINDS = frozenset({"tech.vol60", "tech.atr_pct", "px.shock", "macro.vix", "cal.sessions_to_next_filing"})
"""Evidence that the committee always receives, cited or not."""
