"""The risk committee: voices with different appetites, and a chair. They may shrink or veto, never enlarge."""

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
    """How much risk a voice is ready to take."""

    AGGRESSIVE = "aggressive"
    NEUTRAL = "neutral"
    CONSERVATIVE = "conservative"


VoiceRule = Callable[[AgentContext, OrderPlan, RiskAppetite], RiskOpinion | Abstention]
ChairRule = Callable[[AgentContext, OrderPlan], RiskReview | Abstention]


PROMPT_INPUTS = frozenset({"thesis", "plan", "market", "account", "exhibits", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class RiskAnalyst:
    """Speaks on a plan for one appetite for risk."""

    role: Role
    appetite: RiskAppetite
    rule: VoiceRule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_analyst", PROMPT_INPUTS | {"appetite"})

    async def assess(self, context: AgentContext, thesis: Thesis, plan: OrderPlan) -> RiskAssessment | Abstention:
        """Give an opinion. Abstains when the model fails or cites what is not in the case."""
        said = await self.role.generate(
            RiskOpinion,
            lambda: {"appetite": self.appetite, **_inputs(context, thesis, plan)},
            rule=lambda: self.rule(context, plan, self.appetite),
            check=lambda answer: check_citations(answer.evidence, context.citable, required=False),
        )
        return said if isinstance(said, Abstention) else RiskAssessment(self.role.name, said)


@dataclass(frozen=True, slots=True)
class RiskManager:
    """Chairs the committee and has its last word."""

    role: Role
    rule: ChairRule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_manager", PROMPT_INPUTS | {"opinions"})

    async def review(self, context: AgentContext, thesis: Thesis, plan: OrderPlan) -> RiskReview | Abstention:
        """Decide on the plan. Abstains without any opinion, or when the model fails or cites what is not there."""
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
"""Facts that the committee always sees, cited or not."""
