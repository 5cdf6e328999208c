"""The port of the topologies: how the agents of a desk come from reports to a decision."""

from abc import abstractmethod
from typing import Any, ClassVar

from ...agents.assignment import Assignment
from ...agents.assignments import ASSIGNMENTS
from ..flow import Flow, Step
from ..roles import Part, RoleKind, RoleSpec, Roster

ONE_SYMBOL = "this deliberation is about one symbol; with intake {scope: symbol} it decides on each symbol given"
ONLY_ROLE = "a single agent has no other roles beside it, and its deliberation is {kind: single_agent}"


class Topology(Part):
    """The section `deliberation` of a desk file, and its part of the graph.

    A topology is immutable and holds no state of a run. A subclass has the `kind` that desk files name it by, its
    further keys as fields, and wires its roles and computations after the intake of the evidence.
    """

    kind: str
    reads: ClassVar[frozenset[RoleKind]] = frozenset()
    """The kinds of roles of the desk file, beside analysts and single agents, that the topology wires."""
    uses_signals: ClassVar[bool] = False
    """Whether the topology reads the signals of the desk file itself."""

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the roles that the topology adds to those of the desk file, in the order of their first turn."""
        return ()

    def computations(self) -> tuple[str, ...]:
        """Return the names of the computations, which no role may have."""
        return ()

    def check(self, roster: Roster) -> None:
        """Raise ValueError if the roles of the desk file do not fit the topology."""

    def assignment(self, spec: RoleSpec, roster: Roster) -> Assignment[Any]:
        """Return what a role of one of the kinds in `reads`, or that the topology adds, answers."""
        return ASSIGNMENTS[str(spec.role)]

    @property
    def applies_guidance(self) -> bool:
        """Return whether the decision is already that of a strategist, so that the overlay `guide` would repeat it."""
        return False

    @abstractmethod
    def decider(self, roster: Roster) -> str:
        """Return the name of the role or computation whose decision is that of the desk."""

    @property
    def proposes_trades(self) -> bool:
        """Return whether the topology can end in a proposed trade, about whose risk a committee debates."""
        return False

    def turns(self, roster: Roster) -> int:
        """Return how many turns of agents a complete run has, without the risk committee."""
        return len(roster.roles) + len(self.roles(roster))

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return how many of these turns are repeated for every symbol of a book."""
        return len(roster.of(RoleKind.ANALYST))

    @abstractmethod
    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the topology after the intake; the returned step has contributed a decision, or the run ends."""
