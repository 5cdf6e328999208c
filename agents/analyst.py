"""The analyst. Technical, news, fundamentals and macro analysts are instances of one class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..domain.memory_queries import IntelligenceReport, QueryHorizon
from ..domain.outputs import Report, StructuredOutput
from ..domain.tool_spec import ToolSpec
from ..memory.record import Aspect
from ..tools.functions import ToolExecutor
from ..tools.registry import gather_evidence
from ..tools.signals.spec import DEFAULT_SIGNALS, SignalSpec
from . import formatting
from .agent import AgentResult, AgentTask
from .context import (
    AgentContext,
    MissingEvidence,
    check_citations,
    missing_from,
    missing_reasons,
)
from .outside_text import sanitize_line
from .recall import aspects_of
from .role import Role

Rule = Callable[[AgentContext], Report | Abstention]


INPUTS = frozenset({"evidence", "absent", "memories", "ticker", "as_of"})
MOST_QUERY_WORDS = 40
REPORTS = "reports"
"""Input of prompts of analysts that build on the reports before theirs."""


@dataclass(frozen=True, slots=True)
class Analyst:
    """Reads the evidence of its tools through a view and reports on it. The report cites only evidence it read.

    Attributes:
        queries: the horizons for which it also writes queries of the memory, for the agents after it.
    """

    role: Role
    tools: tuple[str, ...]
    rule: Rule | None
    calls_tools: bool = True
    signals: Sequence[SignalSpec] = DEFAULT_SIGNALS
    queries: tuple[QueryHorizon, ...] = ()

    def __post_init__(self) -> None:
        self.role.check_prompt("analyst", INPUTS, frozenset({REPORTS}))

    @property
    def aspects(self) -> frozenset[Aspect]:
        """Return the aspects of the analyst's tools, which also select its memories."""
        return aspects_of(self.tools)

    @property
    def _builds(self) -> bool:
        """Return whether the analyst sees the reports before its own."""
        return REPORTS in self.role.prompt.inputs

    async def act(self, task: AgentTask) -> AgentResult:
        """Gather the evidence, recall memories and report.

        The outcome is an abstention if there is no evidence, or if the model fails or cites unknown evidence. Evidence
        that a source could not provide is listed as missing, with the reason.
        """
        brief = task.context.brief
        found = gather_evidence(task.view, brief.symbol, self.tools, self.signals)
        missing = missing_from(found)
        if not found.evidence:
            reason = missing_reasons(missing) or "its tools found nothing"
            return AgentResult(Abstention(self.role.name, AbstentionCause.DATA, reason), missing=missing)
        context = await task.with_memories(AgentContext(brief, found.evidence, missing), self.aspects)
        before = task.context.reports if self._builds else ()
        cited = {name for each in before for name in each.report.evidence}
        functions = _CitableTools(ToolExecutor(task.view, brief.symbol, self.tools, self.signals))
        answer = await self.role.generate(
            IntelligenceReport if self.queries else Report,
            lambda: _inputs(context) | ({REPORTS: formatting.format_reports(before)} if self._builds else {}),
            rule=lambda: self._by_rule(context),
            check=lambda report: check_citations(report.evidence, functions.citable(context) | cited),
            tools=functions if self.calls_tools else None,
            pictures=lambda: self.role.draw_charts(task.view, brief),
        )
        return AgentResult(
            answer if isinstance(answer, Abstention) else self._outputs(answer),
            context.evidence + functions.additional_evidence(context),
            missing + functions.failed(),
            context.memories,
        )

    def _by_rule(self, context: AgentContext) -> Report | Abstention:
        if self.rule is None:
            return Abstention(
                self.role.name, AbstentionCause.INCOMPLETE, "no rule answers for this analyst, and it has no model"
            )
        report = self.rule(context)
        return queries_by_rule(report, context) if self.queries and isinstance(report, Report) else report

    def _outputs(self, answer: Report) -> tuple[StructuredOutput, ...]:
        """Return the report, after the queries that were written with it."""
        if isinstance(answer, IntelligenceReport):
            return answer.queries(self.queries), answer.report
        return (answer,)


def queries_by_rule(report: Report, context: AgentContext) -> IntelligenceReport:
    """Return the report with one query for all horizons: the newest evidence that it cites, or else the newest of all.

    The query has no more than `MOST_QUERY_WORDS` words.
    """
    cited = [item for item in context.evidence if item.id in report.evidence] or list(context.evidence)
    newest = max(cited, key=lambda item: (item.known_at, item.id))
    text = " ".join(f"past events for {context.brief.symbol} like {newest.text}".split()[:MOST_QUERY_WORDS])
    values = {name: getattr(report, name) for name in Report.model_fields}
    return IntelligenceReport(**values, short_query=text, medium_query=text, long_query=text)


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
