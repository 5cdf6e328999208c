"""The run context of a graph: the team of agents, and the progress that observers receive."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from ..agents.analyst import Analyst
from ..agents.recall import RecallFunction, aspect_of, no_memories
from ..agents.reflector import Reflector
from ..agents.research_manager import ResearchManager
from ..agents.researcher import Researcher
from ..agents.risk_committee import RiskAnalyst, RiskManager
from ..agents.role import Role
from ..agents.single_agent import SingleAgent
from ..agents.trader import Trader
from ..domain.brief import Brief
from ..market.view import MarketView
from ..memory.record import Aspect


class Stage(StrEnum):
    """Where a member is with its work."""

    STARTED = "started"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """That a member started, or what it said: an answer, or an Abstention."""

    role: str
    stage: Stage
    output: object | None = None


ProgressObserver = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class Team:
    """Who sits at the desk, whatever the question.

    A desk of analysts has `manager` and `trader`; a one-agent desk has `solo` instead. `rounds` counts the answers of
    each side after the openings. The `reflector` looks back between decisions, where the desk has a memory.
    """

    analysts: tuple[Analyst, ...] = ()
    researchers: tuple[Researcher, ...] = ()
    manager: ResearchManager | None = None
    trader: Trader | None = None
    single_agent: SingleAgent | None = None
    risk_analysts: tuple[RiskAnalyst, ...] = ()
    risk_manager: RiskManager | None = None
    rounds: int = 0
    reflector: Reflector | None = None

    @property
    def analyst_aspects(self) -> Mapping[str, Aspect]:
        """Return the analysts whose word can be weighed, by what each works with first."""
        return {analyst.role.name: aspect_of(analyst.tools[0]) for analyst in self.analysts}

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return every seat that is taken, in the order in which the members are first heard."""
        research = (*self.analysts, *self.researchers, self.manager, self.trader, self.single_agent)
        heard = (*research, *self.risk_analysts, self.risk_manager, self.reflector)
        return tuple(agent.role for agent in heard if agent is not None)


class RunningNodes:
    """Counts the nodes of one run that are at work, so that a defect in one waits for the others.

    LangGraph cancels the parallel nodes of one that raises, and their model calls would be paid for again on resume.
    """

    def __init__(self) -> None:
        """Start with no node at work."""
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def count(self) -> AsyncIterator[None]:
        """Count a node as running while its work lasts."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def wait_for_others(self) -> None:
        """Return when no node is running; a node that failed is not counted any more."""
        await asyncio.sleep(0)  # nodes of the same step that are scheduled but have not begun
        await self._idle.wait()


@dataclass(frozen=True, slots=True)
class RunContext:
    """Everything that the nodes of a graph work with; the run's own state is elsewhere."""

    brief: Brief
    view: MarketView
    team: Team
    observer: ProgressObserver = ignore_progress
    recall: RecallFunction = no_memories
    running: RunningNodes = field(default_factory=RunningNodes)
