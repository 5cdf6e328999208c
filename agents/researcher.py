"""The researcher. Bull and bear are instances of one class."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..domain.abstention import Abstention
from ..domain.outputs import Argument
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .recall import MOST_PARTS
from .role import Role


class Side(StrEnum):
    """The side that a researcher argues."""

    BULL = "bull"
    BEAR = "bear"

    @property
    def opponent(self) -> "Side":
        """Return the other side."""
        return Side.BEAR if self is Side.BULL else Side.BULL

    @property
    def sign(self) -> int:
        """Return +1 for the bull and -1 for the bear."""
        return 1 if self is Side.BULL else -1


Rule = Callable[[AgentContext, Side], Argument | Abstention]


INPUTS = frozenset({"side", "opponent", "exhibits", "reports", "debate", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class Researcher:
    """Argues one side, citing only evidence of the context."""

    role: Role
    side: Side
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("researcher", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the opening argument in round 0, and the answer to the other side in later rounds.

        Returns an abstention if the model fails or cites unknown evidence.
        """
        context = await task.with_memories(task.context, share=MOST_PARTS)
        answer = await self.role.generate(
            Argument,
            lambda: self._inputs(context, task.round),
            rule=lambda: self.rule(context, self.side),
            check=lambda argument: check_citations(argument.evidence, context.citable),
        )
        return single_output(answer, context)

    def _inputs(self, context: AgentContext, round_number: int) -> dict[str, str]:
        reports = formatting.format_reports(context.reports) if round_number == 0 else "(as heard in the opening)"
        return {
            "side": self.side,
            "opponent": self.side.opponent,
            "exhibits": formatting.format_exhibits(context.evidence),
            "reports": reports,
            "debate": formatting.format_debate(context.turns),
            "memories": formatting.format_memories(context.memories),
            "ticker": context.brief.symbol,
            "as_of": formatting.format_as_of(context.brief),
        }
