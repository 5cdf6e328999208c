"""The reflector: looks back at a thesis when its outcome is known, or at the news when prices have answered it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..domain.abstention import Abstention
from ..domain.ids import Symbol
from ..domain.outputs import Lesson
from . import formatting
from .role import Role

LONGEST_THEN = 160
INPUTS = frozenset({"then", "outcome", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class ReflectionInput:
    """What there is to learn from: what was thought or written `then`, and what came of it, both in words."""

    symbol: Symbol
    as_of: datetime
    prior_view: str
    outcome: str


Rule = Callable[[ReflectionInput], Lesson]


def reflect_by_rule(reflection_input: ReflectionInput) -> Lesson:
    """Say what was thought and what came of it, and draw no moral: the rule of the reflector."""
    return Lesson(lesson=f"{formatting.truncate(reflection_input.prior_view, LONGEST_THEN)} {reflection_input.outcome}")


@dataclass(frozen=True, slots=True)
class Reflector:
    """Writes one lesson for an occasion."""

    role: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("reflector", INPUTS)

    async def reflect(self, reflection_input: ReflectionInput) -> Lesson:
        """Write the lesson; where the model fails, the rule's plain account stands, so that no outcome is lost."""
        said = await self.role.generate(
            Lesson,
            lambda: {
                "then": formatting.truncate(reflection_input.prior_view, formatting.REPORT_CHARACTERS * 2),
                "outcome": formatting.truncate(reflection_input.outcome, formatting.REPORT_CHARACTERS),
                "ticker": reflection_input.symbol,
                "as_of": f"{reflection_input.as_of:%Y-%m-%d}",
            },
            rule=lambda: self.rule(reflection_input),
            check=lambda _: None,
        )
        return self.rule(reflection_input) if isinstance(said, Abstention) or not said.lesson.strip() else said
