"""The bench: the members of a desk at run time, and what each member of the audience is told while they work."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..agents.analyst import Analyst
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskManager, RiskVoice
from ..agents.seat import Seat
from ..agents.solo import Solo
from ..agents.trader import Trader
from ..domain.brief import Brief
from ..tools.view import MarketView


class Stage(StrEnum):
    """Where a member is with its work."""

    STARTED = "started"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """That a member started, or what it said: an answer, or an Abstention."""

    role: str
    stage: Stage
    said: object | None = None


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Members:
    """Who sits at the desk, whatever the question.

    A desk of analysts has `manager` and `trader`; a one-agent desk has `solo` instead. `rounds` counts the answers of
    each side after the openings.
    """

    analysts: tuple[Analyst, ...] = ()
    researchers: tuple[Researcher, ...] = ()
    manager: ResearchManager | None = None
    trader: Trader | None = None
    solo: Solo | None = None
    voices: tuple[RiskVoice, ...] = ()
    chair: RiskManager | None = None
    rounds: int = 0

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Return every seat that is taken, in the order in which the members are first heard."""
        research = (*self.analysts, *self.researchers, self.manager, self.trader, self.solo)
        return tuple(member.seat for member in (*research, *self.voices, self.chair) if member is not None)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that the nodes of a graph work with; the run's own state is elsewhere."""

    brief: Brief
    view: MarketView
    members: Members
    watch: Watch = unwatched
