"""The research manager: judges the debate and writes the thesis."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.answers import Thesis
from . import dossier
from .case import AgentContext, check_citations
from .seat import Role

Rule = Callable[[AgentContext], Thesis | Abstention]


INPUTS = frozenset({"exhibits", "reports", "debate", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class ResearchManager:
    """Turns reports and debate into one thesis that knows who was absent."""

    seat: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.seat.check_prompt("research_manager", INPUTS)

    async def judge(self, case: AgentContext) -> Thesis | Abstention:
        """Write the thesis. Abstains when the model fails or cites what is not in the case."""
        return await self.seat.generate(
            Thesis,
            lambda: {
                "exhibits": dossier.format_exhibits(case.evidence),
                "reports": dossier.format_reports(case.reports),
                "debate": dossier.format_debate(case.turns),
                "absent": dossier.format_missing(case.missing, case.abstentions),
                "memories": dossier.format_memories(case.memories),
                "ticker": case.brief.symbol,
                "as_of": dossier.format_as_of(case.brief),
            },
            rule=lambda: self.rule(case),
            check=lambda answer: check_citations(answer.evidence, case.citable),
        )
