"""The planner: which analysts work on a symbol (DeepFund)."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..domain.abstention import Abstention
from ..domain.errors import InvalidOutput
from ..domain.portfolio_outputs import AnalystPick
from .agent import AgentResult, AgentTask
from .role import Role

INPUTS = frozenset({"ticker", "analysts"})


@dataclass(frozen=True, slots=True)
class Planner:
    """Picks analysts by the ticker and one line on each; it sees nothing else.

    Attributes:
        analysts: one line on each analyst, by name.
    """

    role: Role
    analysts: Mapping[str, str]

    def __post_init__(self) -> None:
        self.role.check_prompt("planner", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the analysts that were picked, or an abstention if the model fails or picks none that exists."""
        answer = await self.role.generate(
            AnalystPick,
            lambda: {
                "ticker": task.context.brief.symbol,
                "analysts": "\n".join(f"{name}: {line}" for name, line in self.analysts.items()),
            },
            rule=lambda: AnalystPick(analysts=tuple(self.analysts), justification="The rule picks every analyst."),
            check=self._check,
        )
        return AgentResult(answer if isinstance(answer, Abstention) else (answer,))

    def _check(self, answer: AnalystPick) -> None:
        if strange := sorted(set(answer.analysts) - self.analysts.keys()):
            raise InvalidOutput(f"there is no analyst {', '.join(strange[:5])}; pick from {', '.join(self.analysts)}")
