"""The context of a run: what all nodes share, the progress that observers receive, and the nodes at work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from ..agents.recall import RecallFunction, no_memories
from ..domain.brief import Brief
from ..domain.ids import RunId, Symbol
from ..market.view import MarketView
from .period_results import PeriodResults
from .team import Team


class Stage(StrEnum):
    """The stage of a role's work."""

    STARTED = "started"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Progress:
    """A role that started or finished. `output` is its answer or its Abstention, None at the start."""

    role: str
    stage: Stage
    output: object | None = None


ProgressObserver = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Ignore progress."""


class RunningNodes:
    """Counts the nodes of one run that are at work, so that a failing node can wait for the others.

    LangGraph cancels the nodes that run beside one that raises; their model calls would be repeated on resume.
    """

    def __init__(self) -> None:
        """Create the counter with no node at work."""
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def count(self) -> AsyncIterator[None]:
        """Count a node as running for the duration of the block."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def wait_for_others(self) -> None:
        """Return when no node is running. A node that has failed is no longer counted."""
        await asyncio.sleep(0)  # lets nodes of the same step begin that are scheduled only
        await self._idle.wait()


Budgets = Callable[[Sequence[str]], Mapping[str, float]]


def equal_budgets(forecasters: Sequence[str]) -> Mapping[str, float]:
    """Return a budget of 1 for every forecaster of a prediction market."""
    return dict.fromkeys(forecasters, 1.0)


Rewards = Callable[[], Mapping[str, Sequence[float]]]


def no_rewards() -> Mapping[str, Sequence[float]]:
    """Return no past rewards of a contest."""
    return {}


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the nodes of one run share, beside the state of the graph.

    Attributes:
        recall: recalls memories for agents that work on `brief`.
        book: the briefs of all symbols of a desk that decides over a book; `brief` is the first of them.
        recall_of: recalls memories for agents that work on one symbol of the book.
        results: keeps results of roles that do not act at every decision between decisions; None to keep none.
        run_id: the run, which is stored with the results that it keeps; needed with `results`.
        recall_by_role: recalls memories for roles that are shown others than `recall` returns.
        recall_by_role_of: the same for roles that work on one symbol of the book, by symbol.
        rewards: returns the past rewards of each contestant and data agent of a contest, one a session, oldest first.
        budgets: returns the budgets of the forecasters of a prediction market, each above 0.
    """

    brief: Brief
    view: MarketView
    team: Team
    observer: ProgressObserver = ignore_progress
    recall: RecallFunction = no_memories
    book: tuple[Brief, ...] = ()
    recall_of: Mapping[Symbol, RecallFunction] = field(default_factory=dict)
    recall_by_role: Mapping[str, RecallFunction] = field(default_factory=dict)
    recall_by_role_of: Mapping[Symbol, Mapping[str, RecallFunction]] = field(default_factory=dict)
    rewards: Rewards = no_rewards
    budgets: Budgets = equal_budgets
    results: PeriodResults | None = None
    run_id: RunId | None = None
    running: RunningNodes = field(default_factory=RunningNodes)
