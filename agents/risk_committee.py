"""The risk committee: risk analysts with different appetites, and the risk manager. It can only shrink or veto."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..domain.abstention import Abstention, AbstentionCause, joint_cause
from ..domain.outputs import (
    OrderPlan,
    RiskOpinion,
    RiskReview,
    Thesis,
)
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .recall import QUARTER, TRADE_ASPECT
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

    async def act(self, task: AgentTask) -> AgentResult:
        """Return an opinion on the plan, or an abstention if the model fails or cites unknown evidence."""
        context = await task.with_memories(task.context, TRADE_ASPECT, QUARTER)
        thesis, plan = context.thesis, context.plan
        if thesis is None or plan is None:
            return _without_plan(self.role)
        answer = await self.role.generate(
            RiskOpinion,
            lambda: {"appetite": self.appetite, **_inputs(context, thesis, plan), "plan": _plan_so_far(context, plan)},
            rule=lambda: self.rule(context, plan, self.appetite),
            check=lambda opinion: check_citations(opinion.evidence, context.citable, required=False),
        )
        return single_output(answer, context)


@dataclass(frozen=True, slots=True)
class RiskManager:
    """Reviews the plan after the risk analysts, with the final verdict of the committee."""

    role: Role
    rule: ManagerRule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_manager", PROMPT_INPUTS | {"opinions"})

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the review of the plan.

        Returns an abstention without any opinion, or if the model fails or cites unknown evidence.
        """
        context = await task.with_memories(task.context, TRADE_ASPECT, QUARTER)
        if context.thesis is None or context.plan is None:
            return _without_plan(self.role)
        if not context.opinions:
            return single_output(self._without_opinions(context), context)
        return single_output(await self._review(context, context.thesis, context.plan), context)

    async def _review(self, context: AgentContext, thesis: Thesis, plan: OrderPlan) -> RiskReview | Abstention:
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


def _plan_so_far(context: AgentContext, plan: OrderPlan) -> str:
    """Return the plan, with the opinions of the risk analysts that have spoken before."""
    text = formatting.format_plan(plan)
    if not context.opinions:
        return text
    return f"{text}\nAssessed before:\n{formatting.format_assessments(context.opinions)}"


def _without_plan(role: Role) -> AgentResult:
    return AgentResult(Abstention(role.name, AbstentionCause.INCOMPLETE, "there is no plan"))


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
