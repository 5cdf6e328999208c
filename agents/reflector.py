"""The reflector: looks back at a thesis when its outcome is known, or at the news when prices have answered it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..domain.abstention import Abstention
from ..domain.answers import Lesson
from ..domain.ids import Symbol
from . import dossier
from .seat import Role

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


def reflect_by_rule(occasion: ReflectionInput) -> Lesson:
    """Say what was thought and what came of it, and draw no moral: the rule of the reflector."""
    return Lesson(lesson=f"{dossier.truncate(occasion.prior_view, LONGEST_THEN)} {occasion.outcome}")


@dataclass(frozen=True, slots=True)
class Reflector:
    """Writes one lesson for an occasion."""

    seat: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.seat.check_prompt("reflector", INPUTS)

    async def reflect(self, occasion: ReflectionInput) -> Lesson:
        """Write the lesson; where the model fails, the rule's plain account stands, so that no outcome is lost."""
        said = await self.seat.generate(
            Lesson,
            lambda: {
                "then": dossier.truncate(occasion.prior_view, dossier.REPORT_CHARACTERS * 2),
                "outcome": dossier.truncate(occasion.outcome, dossier.REPORT_CHARACTERS),
                "ticker": occasion.symbol,
                "as_of": f"{occasion.as_of:%Y-%m-%d}",
            },
            rule=lambda: self.rule(occasion),
            check=lambda _: None,
        )
        return self.rule(occasion) if isinstance(said, Abstention) or not said.lesson.strip() else said
