"""The single agent: one agent reads all evidence and decides alone."""

from typing import Literal

from ..flow import Flow, Step
from ..roles import RoleKind, Roster
from .topology import ONLY_ROLE, Topology


class SingleAgentTopology(Topology):
    """One agent, without deliberation; the baseline of every experiment."""

    kind: Literal["single_agent"] = "single_agent"

    def check(self, roster: Roster) -> None:
        """Raise ValueError unless the only role is a single agent."""
        if [role.role for role in roster.roles] != [RoleKind.SINGLE_AGENT]:
            raise ValueError(ONLY_ROLE)

    def decider(self, roster: Roster) -> str:
        """Return the agent."""
        return roster.roles[0].name

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the agent."""
        return flow.serial(after, roster.names())
