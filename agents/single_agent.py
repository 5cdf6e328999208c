"""The single agent, the baseline of every experiment: the same evidence and limits in one model call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.outputs import OrderPlan, SingleAgentOutput, Thesis
from ..domain.resting_outputs import ANSWER_CLASSES
from ..market.view import MarketView
from ..tools.registry import gather_evidence
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from . import formatting
from .agent import AgentResult, AgentTask
from .context import AgentContext, check_citations, missing_from, missing_reasons
from .order_policy import OrderPolicy
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
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS

    def __post_init__(self) -> None:
        self.role.check_prompt("single_agent", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Gather the evidence, recall memories, and return a thesis and an order plan.

        The outcome is an abstention without evidence or if the answer fails the desk's checks. Raises SourceUnavailable
        or InvalidData when the source fails.
        """
        found = gather_evidence(task.view, task.context.brief.symbol, self.tools, self.signals)
        context = AgentContext(task.context.brief, found.evidence, missing_from(found))
        if not context.evidence:
            reason = missing_reasons(context.missing)
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=context.missing)
        context = await task.with_memories(context)
        answer = await self._decide(context, task.view)
        outcome = answer if isinstance(answer, Abstention) else split_output(answer)
        return AgentResult(outcome, context.evidence, context.missing, context.memories)

    async def _decide(self, context: AgentContext, view: MarketView) -> SingleAgentOutput | Abstention:
        return await self.role.generate(
            ANSWER_CLASSES[asked_for(context)],
            lambda: self._inputs(context),
            rule=lambda: self.rule(context, self.order_policy),
            check=lambda answer: self._check(answer, context),
            pictures=lambda: self.role.draw_charts(view, context.brief),
        )

    def _check(self, answer: SingleAgentOutput, context: AgentContext) -> None:
        check_citations(answer.evidence, context.citable)
        check_plan(split_output(answer)[1], context, self.order_policy)

    def _inputs(self, context: AgentContext) -> dict[str, str]:
        brief = context.brief
        return {
            "evidence": formatting.format_evidence(context.evidence),
            "absent": formatting.format_missing(context.missing),
            "market": formatting.format_market(brief),
            "account": formatting.format_positions(brief),
            "sizing": sizes(context, self.order_policy),
            "memories": formatting.format_memories(context.memories),
            "ticker": brief.symbol,
            "as_of": formatting.format_as_of(brief),
            "next_session": f"{brief.next_session}",
        }


def sizes(context: AgentContext, order_policy: OrderPolicy) -> str:
    """Return the positions that convictions of either sign earn, in words."""
    earned = (
        (conviction, order_policy.size(Decimal(str(conviction)), context.brief)) for conviction in (-1, -0.5, 0.5, 1)
    )
    return "; ".join(f"{conviction:+} holds {shares:f} shares" for conviction, shares in earned)


def split_output(answer: SingleAgentOutput) -> tuple[Thesis, OrderPlan]:
    """Return the thesis and the order plan of a single agent's answer."""
    thesis = Thesis(**{name: getattr(answer, name) for name in Thesis.model_fields})
    return thesis, OrderPlan(orders=answer.orders, rationale=answer.rationale, resting=answer.resting)
