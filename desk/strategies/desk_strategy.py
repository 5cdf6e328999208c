"""A desk of agents as a strategy."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...domain.decision import Decision
from ...domain.ids import RunId
from ..book_decision import decide_book
from ..decision import DecisionRequest, Desk, decide
from .strategy import Strategy


@dataclass(frozen=True, slots=True)
class DeskStrategy:
    """Every decision is a decision of the desk, with its own sizes, orders and limits."""

    desk: Desk

    @property
    def name(self) -> str:
        return self.desk.file.name

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Ask the desk."""
        return await decide(self.desk, request)


@dataclass(frozen=True, slots=True)
class BookDeskStrategy:
    """A desk that decides over a book: all symbols of a session in one run."""

    desk: Desk
    _made: dict[RunId, Decision] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.desk.file.name

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Ask the desk about a book of one symbol."""
        return (await self.decide_book([request]))[0]

    async def decide_book(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Ask the desk about all symbols at once; a desk that sees its own decisions sees those made here."""
        if not self.desk.file.intake.past_decisions:
            return await decide_book(self.desk, requests)
        made = await decide_book(replace(self.desk, find_decision=self._made.get), requests)
        self._made.update({decision.run_id: decision for decision in made})
        return made


def desk_strategy(desk: Desk) -> Strategy:
    """Return the desk as a strategy, over a book if its file says so."""
    return BookDeskStrategy(desk) if desk.file.over_book else DeskStrategy(desk)
