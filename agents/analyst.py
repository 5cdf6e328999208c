"""The analyst: one class; technical, news, fundamentals and macro are parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.brief import Brief
from ..domain.decision import RoleReport
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..domain.outputs import Report
from ..domain.tool_spec import ToolSpec
from ..market.view import MarketView
from ..memory.port import RecalledRecord
from ..memory.record import Aspect
from ..tools.functions import ToolExecutor
from ..tools.registry import gather_evidence
from . import formatting
from .context import (
    AgentContext,
    MissingEvidence,
    check_citations,
    missing_from,
)
from .recall import (
    WHOLE,
    RecallFunction,
    aspects_of,
    no_memories,
)
from .role import Role

Rule = Callable[[AgentContext], Report | Abstention]


@dataclass(frozen=True, slots=True)
class AnalystResult:
    """The result of an analyst: a report or an abstention, with the evidence read and the memories recalled."""

    outcome: RoleReport | Abstention
    evidence: tuple[Evidence, ...]
    missing: tuple[MissingEvidence, ...]
    memories: tuple[RecalledRecord, ...] = ()


INPUTS = frozenset({"evidence", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class Analyst:
    """Reads some kinds of evidence through a view and reports on them, citing only what it read."""

    role: Role
    tools: tuple[str, ...]
    rule: Rule | None
    calls_tools: bool = True

    def __post_init__(self) -> None:
        self.role.check_prompt("analyst", INPUTS)

    @property
    def aspects(self) -> frozenset[Aspect]:
        """Return what it works with, and so remembers."""
        return aspects_of(self.tools)

    async def report(self, brief: Brief, view: MarketView, recall: RecallFunction = no_memories) -> AnalystResult:
        """Gather the evidence, call to mind what was learned about it, and report.

        Abstains when there is no evidence, or when the model fails or cites what it was not shown. What a source could
        not tell is missing, with the reason.
        """
        found = gather_evidence(view, brief.symbol, self.tools)
        missing = missing_from(found)
        context = AgentContext(brief, found.evidence, missing)
        if not context.evidence:
            reason = "; ".join(m.reason for m in missing) or "its tools found nothing"
            return AnalystResult(Abstention(self.role.name, AbstentionCause.DATA, reason), (), missing)
        context = replace(context, memories=recall(context, self.aspects, WHOLE))
        functions = _CitableTools(ToolExecutor(view, brief.symbol, self.tools))
        said = await self.role.generate(
            Report,
            lambda: _inputs(context),
            rule=lambda: self._by_rule(context),
            check=lambda answer: check_citations(answer.evidence, functions.citable(context)),
            tools=functions if self.calls_tools else None,
        )
        outcome = said if isinstance(said, Abstention) else RoleReport(self.role.name, said)
        return AnalystResult(
            outcome,
            context.evidence + functions.additional_evidence(context),
            missing + functions.failed(),
            context.memories,
        )

    def _by_rule(self, context: AgentContext) -> Report | Abstention:
        if self.rule is None:
            return Abstention(
                self.role.name, AbstentionCause.BENCH, "no rule answers for this analyst, and it has no model"
            )
        return self.rule(context)


def _inputs(context: AgentContext) -> dict[str, str]:
    return {
        "evidence": formatting.format_evidence(context.evidence),
        "absent": formatting.format_missing(context.missing),
        "memories": formatting.format_memories(context.memories),
        "ticker": context.brief.symbol,
        "as_of": formatting.format_as_of(context.brief),
    }


class _CitableTools:
    """The analyst's own tools as functions for the model; keeps what they showed, so that it can be cited."""

    def __init__(self, tools: ToolExecutor) -> None:
        self._tools = tools
        self.specs: Sequence[ToolSpec] = tuple(tools.specs)

    def call(self, name: str, arguments: str) -> str:
        lines = (formatting.sanitize_line(line) for line in self._tools.call(name, arguments).splitlines())
        return "<evidence>\n" + "\n".join(lines) + "\n</evidence>"

    def citable(self, context: AgentContext) -> set[EvidenceId]:
        """Return the ids of the case and of everything shown since."""
        return {*context.citable, *(item.id for item in self._tools.shown)}

    def failed(self) -> tuple[MissingEvidence, ...]:
        """Return what a source could not tell when the model asked."""
        return tuple(MissingEvidence(tool, reason, failed=True) for tool, reason in self._tools.failed)

    def additional_evidence(self, context: AgentContext) -> tuple[Evidence, ...]:
        """Return what was shown beyond the case, without repeats, in the order of the ids."""
        held = {item.id for item in context.evidence}
        return tuple(sorted({e.id: e for e in self._tools.shown if e.id not in held}.values(), key=lambda e: e.id))
