"""The research manager: judges the debate and writes the thesis."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.outputs import Thesis
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .role import Role

Rule = Callable[[AgentContext], Thesis | Abstention]


INPUTS = frozenset({"exhibits", "reports", "debate", "absent", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class ResearchManager:
    """Judges reports and debate, with the roles that abstained, and writes one thesis."""

    role: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("research_manager", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the thesis, or an abstention if the model fails or cites unknown evidence."""
        context = await task.with_memories(task.context)
        answer = await self.role.generate(
            Thesis,
            lambda: {
                "exhibits": formatting.format_exhibits(context.evidence),
                "reports": formatting.format_reports(context.reports),
                "debate": formatting.format_debate(context.turns),
                "absent": formatting.format_missing(context.missing, context.abstentions),
                "memories": formatting.format_memories(context.memories),
                "ticker": context.brief.symbol,
                "as_of": formatting.format_as_of(context.brief),
            },
            rule=lambda: self.rule(context),
            check=lambda answer: check_citations(answer.evidence, context.citable),
        )
        return single_output(answer, context)
