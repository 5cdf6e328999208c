"""The single agent, the baseline of every experiment: the same evidence and limits in one model call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.brief import Brief
from ..domain.outputs import OrderPlan, SingleAgentOutput, Thesis
from ..domain.resting_outputs import ANSWER_CLASSES
from ..market.view import MarketView
from ..tools.registry import gather_evidence
from . import formatting
from .context import AgentContext, check_citations, missing_from
from .order_policy import OrderPolicy
from .recall import (
    ALL_ASPECTS,
    WHOLE,
    RecallFunction,
    no_memories,
)
from .role import Role
from .trader import asked_for, check_plan

Rule = Callable[[AgentContext, OrderPolicy], SingleAgentOutput | Abstention]


INPUTS = frozenset({"evidence", "absent", "market", "account", "sizing", "memories", "ticker", "as_of", "next_session"})


@dataclass(frozen=True, slots=True)
class SingleAgent:
    """Reads all evidence and writes thesis and orders in one answer."""

    role: Role
    tools: tuple[str, ...]
    rule: Rule
    order_policy: OrderPolicy

    def __post_init__(self) -> None:
        self.role.check_prompt("single_agent", INPUTS)

    def open(self, brief: Brief, view: MarketView, recall: RecallFunction = no_memories) -> AgentContext:
        """Gather the evidence and recall memories. Raises SourceUnavailable or InvalidData when the source fails."""
        found = gather_evidence(view, brief.symbol, self.tools)
        context = AgentContext(brief, found.evidence, missing_from(found))
        return replace(context, memories=recall(context, ALL_ASPECTS, WHOLE)) if context.evidence else context

    async def decide(self, context: AgentContext) -> SingleAgentOutput | Abstention:
        """Return thesis and orders, or an abstention without evidence or if the answer fails the desk's checks."""
        if not context.evidence:
            return Abstention(self.role.name, AbstentionCause.DATA, "; ".join(m.reason for m in context.missing))
        return await self.role.generate(
            ANSWER_CLASSES[asked_for(context)],
            lambda: self._inputs(context),
            rule=lambda: self.rule(context, self.order_policy),
            check=lambda answer: self._check(answer, context),
        )

    def _check(self, answer: SingleAgentOutput, context: AgentContext) -> None:
        check_citations(answer.evidence, context.citable)
        check_plan(split_output(answer)[1], context, self.order_policy)

    def _inputs(self, context: AgentContext) -> dict[str, str]:
        brief = context.brief
        sizes = (f"{c:+} holds {self.order_policy.size(Decimal(str(c)), brief):f} shares" for c in (-1, -0.5, 0.5, 1))
        return {
            "evidence": formatting.format_evidence(context.evidence),
            "absent": formatting.format_missing(context.missing),
            "market": formatting.format_market(brief),
            "account": formatting.format_positions(brief),
            "sizing": "; ".join(sizes),
            "memories": formatting.format_memories(context.memories),
            "ticker": brief.symbol,
            "as_of": formatting.format_as_of(brief),
            "next_session": f"{brief.next_session}",
        }


def split_output(answer: SingleAgentOutput) -> tuple[Thesis, OrderPlan]:
    """Return the thesis and the order plan of a single agent's answer."""
    thesis = Thesis(**{name: getattr(answer, name) for name in Thesis.model_fields})
    return thesis, OrderPlan(orders=answer.orders, rationale=answer.rationale, resting=answer.resting)
