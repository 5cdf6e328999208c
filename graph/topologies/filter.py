"""The filter: one agent names what is worth reading, and one agent decides over the book."""

from typing import Literal

from ..flow import Flow, Step
from ..roles import RoleKind, Roster
from .topology import Topology


class FilterTopology(Topology):
    """A filter before one agent that decides over the book; without the filter's answer the agent decides alone."""

    kind: Literal["filter"] = "filter"

    def check(self, roster: Roster) -> None:
        """Raise ValueError unless there are one filter and one single agent that decides over the book."""
        kinds = sorted(role.role for role in roster.roles)
        if kinds != [RoleKind.FILTER, RoleKind.SINGLE_AGENT]:
            raise ValueError("a filter needs one role of kind filter and one of kind single_agent, and no others")
        if not roster.decides_over_book:
            raise ValueError("a filter needs a decision over the book: target_cash, allocation or signals")

    def decider(self, roster: Roster) -> str:
        """Return the single agent."""
        return roster.names(RoleKind.SINGLE_AGENT)[0]

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return 0: both agents work on the whole book at once."""
        return 0

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the filter, then the agent that decides."""
        return flow.serial(after, [*roster.names(RoleKind.FILTER), self.decider(roster)])
