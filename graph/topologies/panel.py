"""The panel: analysts report, and one agent decides on all reports."""

from typing import Annotated, Literal

from pydantic import Field

from ...llm.port import Tier
from ..flow import Flow, Step
from ..roles import RoleKind, RoleSpec, Roster, Topic
from .topology import Topology


class Panel(Topology):
    """Analysts without a debate before one agent that decides.

    Attributes:
        head: name of the agent that decides.
        prompt: id of its prompt.
        blind_to: what it does not see.
    """

    kind: Literal["panel"] = "panel"
    head: Annotated[str, Field(alias="decider", pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "trader"
    prompt: str | None = None
    blind_to: tuple[Topic, ...] = ()

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the agent that decides."""
        return (
            RoleSpec(
                role=RoleKind.DECIDER,
                name=self.head,
                prompt=self.prompt,
                model=Tier.DEEP,
                blind_to=self.blind_to,
            ),
        )

    def check(self, roster: Roster) -> None:
        """Raise ValueError without analysts."""
        if not roster.of(RoleKind.ANALYST) or len(roster.of(RoleKind.ANALYST)) != len(roster.roles):
            raise ValueError("a panel needs analysts, and has no other roles beside them")

    def decider(self, roster: Roster) -> str:
        """Return the agent that decides."""
        return self.head

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return the analysts, and the agent that decides unless it decides over the book."""
        return len(roster.roles) + (not roster.decides_over_book)

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the decision after the reports."""
        if roster.over_book and not roster.decides_over_book:
            return flow.map_symbols(after, [self.head])
        return flow.then(after, self.head)
