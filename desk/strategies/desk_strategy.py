"""A desk of agents as a strategy."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.decision import Decision
from ..book_decision import decide_book
from ..decision import DecisionRequest, Desk, decide
from ..learning.instructions.window import SessionStart
from ..session_learning import learn_before_session
from .strategy import Strategy


@dataclass(frozen=True, slots=True)
class DeskStrategy:
    """Every decision is a decision of the desk, with its own sizes, orders and limits."""

    desk: Desk

    @property
    def name(self) -> str:
        return self.desk.file.name

    @property
    def history_length(self) -> int:
        return self.desk.file.memory.last

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Ask the desk."""
        return await decide(self.desk, request)

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None:
        """Take the step of learning that is due."""
        await learn_before_session(self.desk, start)


@dataclass(frozen=True, slots=True)
class BookDeskStrategy:
    """A desk that decides over a book: all symbols of a session in one run."""

    desk: Desk

    @property
    def name(self) -> str:
        return self.desk.file.name

    @property
    def history_length(self) -> int:
        return self.desk.file.memory.last

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Ask the desk about a book of one symbol."""
        return (await decide_book(self.desk, [request]))[0]

    async def decide_book(self, requests: Sequence[DecisionRequest]) -> Sequence[Decision]:
        """Ask the desk about all symbols at once."""
        return await decide_book(self.desk, requests)

    async def learn(self, start: SessionStart, requests: Sequence[DecisionRequest]) -> None:
        """Take the step of learning that is due."""
        await learn_before_session(self.desk, start)


def desk_strategy(desk: Desk) -> Strategy:
    """Return the desk as a strategy, over a book if its file says so."""
    return BookDeskStrategy(desk) if desk.file.over_book else DeskStrategy(desk)
