"""The analyst: one class; technical, news, fundamentals and macro are parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.answers import Report
from ..domain.brief import Brief
from ..domain.decision import RoleReport
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..llm.port import ToolSpec
from ..memory.port import RecalledRecord
from ..memory.record import Aspect
from ..tools.toolbox import gather_evidence
from ..tools.view import MarketView
from ..tools.view_tools import ToolExecutor
from . import dossier
from .case import AgentContext, MissingEvidence, check_citations, missing_from
from .reminder import WHOLE, RecallFunction, aspects_of, no_memories
from .seat import Role

Rule = Callable[[AgentContext], Report | Abstention]


@dataclass(frozen=True, slots=True)
class AnalystResult:
    """What comes out of an analyst's room: a report or an abstention, with all that was read and came to mind."""

    outcome: RoleReport | Abstention
    evidence: tuple[Evidence, ...]
    missing: tuple[MissingEvidence, ...]
    memories: tuple[RecalledRecord, ...] = ()


INPUTS = frozenset({"evidence", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class Analyst:
    """Reads some kinds of evidence through a view and reports on them, citing only what it read."""

    seat: Role
    tools: tuple[str, ...]
    rule: Rule | None
    calls_tools: bool = True

    def __post_init__(self) -> None:
        self.seat.check_prompt("analyst", INPUTS)

    @property
    def aspects(self) -> frozenset[Aspect]:
        """Return what it works with, and so remembers."""
        return aspects_of(self.tools)

    async def report(self, brief: Brief, view: MarketView, remind: RecallFunction = no_memories) -> AnalystResult:
        """Gather the evidence, call to mind what was learned about it, and report.

        Abstains when there is no evidence, or when the model fails or cites what it was not shown. What a source could
        not tell is missing, with the reason.
        """
        found = gather_evidence(view, brief.symbol, self.tools)
        missing = missing_from(found)
        case = AgentContext(brief, found.evidence, missing)
        if not case.evidence:
            reason = "; ".join(m.reason for m in missing) or "its tools found nothing"
            return AnalystResult(Abstention(self.seat.name, AbstentionCause.DATA, reason), (), missing)
        case = replace(case, memories=remind(case, self.aspects, WHOLE))
        functions = _CitableTools(ToolExecutor(view, brief.symbol, self.tools))
        said = await self.seat.generate(
            Report,
            lambda: _inputs(case),
            rule=lambda: self._by_rule(case),
            check=lambda answer: check_citations(answer.evidence, functions.citable(case)),
            tools=functions if self.calls_tools else None,
        )
        outcome = said if isinstance(said, Abstention) else RoleReport(self.seat.name, said)
        return AnalystResult(outcome, case.evidence + functions.additional_evidence(case), missing + functions.failed(), case.memories)

    def _by_rule(self, case: AgentContext) -> Report | Abstention:
        if self.rule is None:
            return Abstention(self.seat.name, AbstentionCause.BENCH, "no rule answers for this analyst, and it has no model")
        return self.rule(case)


def _inputs(case: AgentContext) -> dict[str, str]:
    return {
        "evidence": dossier.format_evidence(case.evidence),
        "absent": dossier.format_missing(case.missing),
        "memories": dossier.format_memories(case.memories),
        "ticker": case.brief.symbol,
        "as_of": dossier.format_as_of(case.brief),
    }


class _CitableTools:
    """The analyst's own tools as functions for the model; keeps what they showed, so that it can be cited."""

    def __init__(self, tools: ToolExecutor) -> None:
        self._tools = tools
        self.specs: Sequence[ToolSpec] = tuple(ToolSpec(s.name, s.description, s.parameters) for s in tools.specs)

    def call(self, name: str, arguments: str) -> str:
        lines = (dossier.sanitize_line(line) for line in self._tools.call(name, arguments).splitlines())
        return "<evidence>\n" + "\n".join(lines) + "\n</evidence>"

    def citable(self, case: AgentContext) -> set[EvidenceId]:
        """Return the ids of the case and of everything shown since."""
        return {*case.citable, *(item.id for item in self._tools.shown)}

    def failed(self) -> tuple[MissingEvidence, ...]:
        """Return what a source could not tell when the model asked."""
        return tuple(MissingEvidence(tool, reason, failed=True) for tool, reason in self._tools.failed)

    def additional_evidence(self, case: AgentContext) -> tuple[Evidence, ...]:
        """Return what was shown beyond the case, without repeats, in the order of the ids."""
        held = {item.id for item in case.evidence}
        return tuple(sorted({e.id: e for e in self._tools.shown if e.id not in held}.values(), key=lambda e: e.id))
