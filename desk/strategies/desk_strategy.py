"""A desk of agents as a strategy."""

from dataclasses import dataclass

from ...domain.decision import Decision
from ..decision import DecisionRequest, Desk, decide


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
