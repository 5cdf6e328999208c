"""The analyst. Technical, news, fundamentals and macro analysts are instances of one class."""

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
from .outside_text import sanitize_line
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
    """Reads the evidence of its tools through a view and reports on it. The report cites only evidence it read."""

    role: Role
    tools: tuple[str, ...]
    rule: Rule | None
    calls_tools: bool = True

    def __post_init__(self) -> None:
        self.role.check_prompt("analyst", INPUTS)

    @property
    def aspects(self) -> frozenset[Aspect]:
        """Return the aspects of the analyst's tools, which also select its memories."""
        return aspects_of(self.tools)

    async def report(self, brief: Brief, view: MarketView, recall: RecallFunction = no_memories) -> AnalystResult:
        """Gather the evidence, recall memories and report.

        The outcome is an abstention if there is no evidence, or if the model fails or cites unknown evidence. Evidence
        that a source could not provide is listed as missing, with the reason.
        """
        found = gather_evidence(view, brief.symbol, self.tools)
        missing = missing_from(found)
        context = AgentContext(brief, found.evidence, missing)
        if not context.evidence:
            reason = "; ".join(m.reason for m in missing) or "its tools found nothing"
            return AnalystResult(Abstention(self.role.name, AbstentionCause.DATA, reason), (), missing)
        context = replace(context, memories=recall(context, self.aspects, WHOLE))
        functions = _CitableTools(ToolExecutor(view, brief.symbol, self.tools))
        answer = await self.role.generate(
            Report,
            lambda: _inputs(context),
            rule=lambda: self._by_rule(context),
            check=lambda report: check_citations(report.evidence, functions.citable(context)),
            tools=functions if self.calls_tools else None,
        )
        outcome = answer if isinstance(answer, Abstention) else RoleReport(self.role.name, answer)
        return AnalystResult(
            outcome,
            context.evidence + functions.additional_evidence(context),
            missing + functions.failed(),
            context.memories,
        )

    def _by_rule(self, context: AgentContext) -> Report | Abstention:
        if self.rule is None:
            return Abstention(
                self.role.name, AbstentionCause.INCOMPLETE, "no rule answers for this analyst, and it has no model"
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
    """The analyst's tools as functions for the model. Keeps the evidence they returned, which may be cited."""

    def __init__(self, tools: ToolExecutor) -> None:
        self._tools = tools
        self.specs: Sequence[ToolSpec] = tuple(tools.specs)

    def call(self, name: str, arguments: str) -> str:
        lines = (sanitize_line(line) for line in self._tools.call(name, arguments).split("\n"))
        return "<evidence>\n" + "\n".join(lines) + "\n</evidence>"

    def citable(self, context: AgentContext) -> set[EvidenceId]:
        """Return the ids of the context's evidence and of the evidence returned by tool calls."""
        return {*context.citable, *(item.id for item in self._tools.shown)}

    def failed(self) -> tuple[MissingEvidence, ...]:
        """Return the tool calls of the model that a source could not answer."""
        return tuple(MissingEvidence(tool, reason, failed=True) for tool, reason in self._tools.failed)

    def additional_evidence(self, context: AgentContext) -> tuple[Evidence, ...]:
        """Return the evidence from tool calls that is not in the context, without duplicates, sorted by id."""
        known = {item.id for item in context.evidence}
        return tuple(sorted({e.id: e for e in self._tools.shown if e.id not in known}.values(), key=lambda e: e.id))
