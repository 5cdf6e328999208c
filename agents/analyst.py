"""The analyst: one class; technical, news, fundamentals and macro are parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..domain.abstention import Abstention, Cause
from ..domain.answers import Report
from ..domain.brief import Brief
from ..domain.decision import RoleReport
from ..domain.evidence import Evidence
from ..domain.ids import EvidenceId
from ..llm.port import ToolSpec
from ..memory.port import Recall
from ..memory.record import Aspect
from ..tools.toolbox import gather
from ..tools.view import MarketView
from ..tools.view_tools import ViewTools
from . import dossier
from .case import Case, Missing, check_citations, looked_for
from .reminder import WHOLE, Remind, aspects_of, nothing_to_mind
from .seat import Seat

Rule = Callable[[Case], Report | Abstention]


@dataclass(frozen=True, slots=True)
class Filed:
    """What comes out of an analyst's room: a report or an abstention, with all that was read and came to mind."""

    outcome: RoleReport | Abstention
    evidence: tuple[Evidence, ...]
    missing: tuple[Missing, ...]
    memories: tuple[Recall, ...] = ()


INPUTS = frozenset({"evidence", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class Analyst:
    """Reads some kinds of evidence through a view and reports on them, citing only what it read."""

    seat: Seat
    tools: tuple[str, ...]
    rule: Rule | None
    calls_tools: bool = True

    def __post_init__(self) -> None:
        self.seat.check_prompt("analyst", INPUTS)

    @property
    def aspects(self) -> frozenset[Aspect]:
        """Return what it works with, and so remembers."""
        return aspects_of(self.tools)

    async def report(self, brief: Brief, view: MarketView, remind: Remind = nothing_to_mind) -> Filed:
        """Gather the evidence, call to mind what was learned about it, and report.

        Abstains when there is no evidence, or when the model fails or cites what it was not shown. What a source could
        not tell is missing, with the reason.
        """
        found = gather(view, brief.symbol, self.tools)
        missing = looked_for(found)
        case = Case(brief, found.evidence, missing)
        if not case.evidence:
            reason = "; ".join(m.reason for m in missing) or "its tools found nothing"
            return Filed(Abstention(self.seat.name, Cause.DATA, reason), (), missing)
        case = replace(case, memories=remind(case, self.aspects, WHOLE))
        functions = _Functions(ViewTools(view, brief.symbol, self.tools))
        said = await self.seat.answer(
            Report,
            lambda: _inputs(case),
            rule=lambda: self._by_rule(case),
            check=lambda answer: check_citations(answer.evidence, functions.citable(case)),
            tools=functions if self.calls_tools else None,
        )
        outcome = said if isinstance(said, Abstention) else RoleReport(self.seat.name, said)
        return Filed(outcome, case.evidence + functions.beyond(case), missing + functions.failed(), case.memories)

    def _by_rule(self, case: Case) -> Report | Abstention:
        if self.rule is None:
            return Abstention(self.seat.name, Cause.BENCH, "no rule answers for this analyst, and it has no model")
        return self.rule(case)


def _inputs(case: Case) -> dict[str, str]:
    return {
        "evidence": dossier.evidence_lines(case.evidence),
        "absent": dossier.missing_lines(case.missing),
        "memories": dossier.memory_lines(case.memories),
        "ticker": case.brief.symbol,
        "as_of": dossier.moment(case.brief),
    }


class _Functions:
    """The analyst's own tools as functions for the model; keeps what they showed, so that it can be cited."""

    def __init__(self, tools: ViewTools) -> None:
        self._tools = tools
        self.specs: Sequence[ToolSpec] = tuple(ToolSpec(s.name, s.description, s.parameters) for s in tools.specs)

    def call(self, name: str, arguments: str) -> str:
        lines = (dossier.harmless_line(line) for line in self._tools.call(name, arguments).splitlines())
        return "<evidence>\n" + "\n".join(lines) + "\n</evidence>"

    def citable(self, case: Case) -> set[EvidenceId]:
        """Return the ids of the case and of everything shown since."""
        return {*case.citable, *(item.id for item in self._tools.shown)}

    def failed(self) -> tuple[Missing, ...]:
        """Return what a source could not tell when the model asked."""
        return tuple(Missing(tool, reason, failed=True) for tool, reason in self._tools.failed)

    def beyond(self, case: Case) -> tuple[Evidence, ...]:
        """Return what was shown beyond the case, without repeats, in the order of the ids."""
        held = {item.id for item in case.evidence}
        return tuple(sorted({e.id: e for e in self._tools.shown if e.id not in held}.values(), key=lambda e: e.id))
