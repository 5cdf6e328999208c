"""The reflector writes a lesson about an earlier thesis, or about earlier news, when the outcome is known."""

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
    """The input of a lesson: the prior view, as of `as_of`, and its outcome, both as text."""

    symbol: Symbol
    as_of: datetime
    prior_view: str
    outcome: str


Rule = Callable[[ReflectionInput], Lesson]


def reflect_by_rule(reflection_input: ReflectionInput) -> Lesson:
    """Return a lesson that states the prior view and the outcome, without a conclusion."""
    return Lesson(lesson=f"{formatting.truncate(reflection_input.prior_view, LONGEST_THEN)} {reflection_input.outcome}")


@dataclass(frozen=True, slots=True)
class Reflector:
    """Writes one lesson for each input."""

    role: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("reflector", INPUTS)

    async def reflect(self, reflection_input: ReflectionInput) -> Lesson:
        """Return the lesson of the model, or the lesson of the rule if the model fails, so that no outcome is lost."""
        lesson = await self.role.generate(
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
        return self.rule(reflection_input) if isinstance(lesson, Abstention) or not lesson.lesson.strip() else lesson
