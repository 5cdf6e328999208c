"""The research manager: judges the debate and writes the thesis."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.answers import Thesis
from . import dossier
from .case import Case, check_citations
from .seat import Seat

Rule = Callable[[Case], Thesis | Abstention]


INPUTS = frozenset({"exhibits", "reports", "debate", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class ResearchManager:
    """Turns reports and debate into one thesis that knows who was absent."""

    seat: Seat
    rule: Rule

    def __post_init__(self) -> None:
        self.seat.check_prompt("research_manager", INPUTS)

    async def judge(self, case: Case) -> Thesis | Abstention:
        """Write the thesis. Abstains when the model fails or cites what is not in the case."""
        return await self.seat.answer(
            Thesis,
            lambda: {
                "exhibits": dossier.exhibit_lines(case.evidence),
                "reports": dossier.report_lines(case.reports),
                "debate": dossier.debate_lines(case.turns),
                "absent": dossier.missing_lines(case.missing, case.absences),
                "memories": dossier.memory_lines(case.memories),
                "ticker": case.brief.symbol,
                "as_of": dossier.moment(case.brief),
            },
            rule=lambda: self.rule(case),
            check=lambda answer: check_citations(answer.evidence, case.citable),
        )
