"""The decider: the agent whose answer is the desk's decision in another form than orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.evidence import Evidence
from ..domain.outputs import StructuredOutput, Thesis
from ..domain.remarks import RiskArgument, TradeProposal
from ..tools.registry import gather_evidence
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from . import formatting
from .agent import AgentResult, AgentTask
from .context import AgentContext, check_citations, missing_from, missing_reasons
from .decisions.form import DecisionForm
from .role import Role

Rule = Callable[[AgentContext], Thesis | Abstention]

INPUTS = frozenset(
    {
        "instructions", "persona", "evidence", "reports", "debate", "thesis", "opinions", "absent", "market", "account",
        "memories", "ticker", "as_of", "next_session",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides in the form of its desk, from the contributions of the other agents or from its own evidence.

    Attributes:
        tools: the sources of evidence it reads itself; empty for an agent that decides on the work of others.
        final: whether its decision is that of the desk; a ballot of a vote comes without a thesis of the desk.
        rule: returns the thesis that the rules arrive at, from which the form derives the answer.
        persona: a sentence of character, or empty.
    """

    role: Role
    form: DecisionForm[Any]
    rule: Rule
    tools: tuple[str, ...] = ()
    persona: str = ""
    final: bool = True
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS

    def __post_init__(self) -> None:
        self.role.check_prompt("decider", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return a thesis and the decision.

        Returns an abstention with nothing to decide on, or if the model fails, cites unknown evidence or insists on an
        answer that the desk forbids. Raises SourceUnavailable or InvalidData when the source of its tools fails.
        """
        own = self._read(task)
        context = replace(own, evidence=_merged(own.evidence, task.context.evidence))
        if not context.evidence and not context.contributions:
            reason = missing_reasons(context.missing) or "no analyst had a view"
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=context.missing)
        context = await task.with_memories(context)
        answer = await self.role.generate(
            self.form.output(context),
            lambda: self._inputs(context),
            rule=lambda: self._by_rule(replace(own, memories=context.memories)),
            check=lambda answer: self._check(answer, context),
            pictures=lambda: self.role.draw_charts(task.view, context.brief),
        )
        read = (own.evidence, own.missing) if self.tools else ((), ())
        return AgentResult(self._outcome(answer, context), *read, context.memories)

    def _outcome(self, answer: Any, context: AgentContext) -> tuple[StructuredOutput, ...] | Abstention:
        if isinstance(answer, Abstention):
            return answer
        if not self.final:
            return (answer,)
        return tuple(_with_cases(output, context.thesis) for output in self.form.contributions(answer))

    def _read(self, task: AgentTask) -> AgentContext:
        if not self.tools:
            return task.context
        found = gather_evidence(task.view, task.context.brief.symbol, self.tools, self.signals)
        return replace(task.context, evidence=found.evidence, missing=missing_from(found))

    def _by_rule(self, context: AgentContext) -> Any:
        thesis = self.rule(replace(context, contributions=()) if self.tools else context)
        return thesis if isinstance(thesis, Abstention) else self.form.by_rule(thesis, context)

    def _check(self, answer: Any, context: AgentContext) -> None:
        check_citations(answer.evidence, context.citable)
        self.form.check(answer, context)

    def _inputs(self, context: AgentContext) -> dict[str, str]:
        brief = context.brief
        shown = formatting.format_evidence if self.tools else formatting.format_exhibits
        return {
            "instructions": self.form.instructions(context),
            "persona": self.persona or formatting.EMPTY,
            "evidence": shown(context.evidence),
            "reports": formatting.format_work(context),
            "debate": formatting.format_debate(context.turns),
            "thesis": _plan(context),
            "opinions": _opinions(context),
            "absent": formatting.format_missing(context.missing, context.abstentions),
            "market": formatting.format_market(brief),
            "account": formatting.format_account(brief.account, brief),
            "memories": formatting.format_memories(context.memories),
            "ticker": brief.symbol,
            "as_of": formatting.format_as_of(brief),
            "next_session": f"{brief.next_session}",
        }


def _with_cases(output: StructuredOutput, before: Thesis | None) -> StructuredOutput:
    """Return a thesis with the cases of the thesis before it, which were argued; every other output unchanged."""
    if before is None or not isinstance(output, Thesis) or output.argued:
        return output
    return output.model_copy(update={"bull_case": before.bull_case, "bear_case": before.bear_case})


def _plan(context: AgentContext) -> str:
    """Return the thesis, and the trade that was proposed for it."""
    thesis = formatting.EMPTY if context.thesis is None else formatting.format_thesis(context.thesis)
    trades = context.outputs(TradeProposal)
    return f"{thesis}\nProposed trade:\n{formatting.format_remarks(trades)}" if trades else thesis


def _opinions(context: AgentContext) -> str:
    """Return the opinions on a plan, or the arguments about the risk of a trade."""
    arguments = context.outputs(RiskArgument)
    return formatting.format_remarks(arguments) if arguments else formatting.format_assessments(context.opinions)


def _merged(own: tuple[Evidence, ...], others: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return the agent's own evidence, and what the others have read, each item once."""
    known = {item.id for item in own}
    return (*own, *(item for item in others if item.id not in known))
