"""A rule desk in several processes, for backtests: each symbol is always decided by the same one."""

import asyncio
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache

from ..desk.decision import DecisionRequest, Desk, decide
from ..domain.decision import Decision
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..graph.desk_config import DeskConfig
from .backtest_desk import open_rule_desk
from .desk_learning import learns_instructions
from .factories import choose_model, open_market
from .settings import Settings


@dataclass(frozen=True, slots=True)
class WorkerDesk:
    """Implements `Strategy` with the results of one process: a decision depends on its request and the market alone.

    Attributes:
        settings: the settings of the desk and its market, as JSON text.
        places: index of the process of each symbol of the watchlist.
        history_length: number of earlier decisions that the desk is shown.
    """

    name: str
    history_length: int
    settings: str
    places: dict[Symbol, int]
    pools: Sequence[ProcessPoolExecutor]

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Decide in the process of the symbol."""
        pool = self.pools[self.places.get(request.ticker, 0)]
        return await asyncio.get_running_loop().run_in_executor(pool, _decide, self.settings, request)


def check_workers(desk: DeskConfig, settings: Settings, *, uses_memory: bool) -> None:
    """Raise ConfigError if the decisions of a desk depend on the results of other processes."""
    if uses_memory:
        raise ConfigError("--workers is for desks without a memory; leave out --with-memory and --warm-up-from")
    if choose_model(settings).quick is not None:
        raise ConfigError("--workers is for desks of rules; the setting max_parallel applies to models")
    if learns_instructions(desk, settings):
        raise ConfigError(
            f"--workers is for desks that learn nothing between sessions; desk {desk.name} takes its steps in the "
            "order of the sessions, from the results of the whole account; leave out --workers"
        )
    if desk.over_book:
        raise ConfigError("--workers is for desks that decide on one symbol; this desk decides over a book")


@contextmanager
def worker_desk(desk: DeskConfig, settings: Settings, symbols: Sequence[Symbol], workers: int) -> Iterator[WorkerDesk]:
    """Open a rule desk in `workers` processes, which end with the block; `desk` is the one of the settings."""
    fresh = multiprocessing.get_context("spawn")
    places = {symbol: place % workers for place, symbol in enumerate(symbols)}
    with ExitStack() as stack:
        pools = [
            stack.enter_context(ProcessPoolExecutor(1, fresh, signal.signal, (signal.SIGINT, signal.SIG_IGN)))
            for _ in range(workers)
        ]
        yield WorkerDesk(desk.name, desk.memory.last, settings.model_dump_json(), places, pools)


def _decide(settings: str, request: DecisionRequest) -> Decision:
    worker = _worker(settings)
    return worker.runner.run(decide(worker.desk, request))


@dataclass(frozen=True, slots=True)
class _Worker:
    """What one process keeps between decisions."""

    desk: Desk
    runner: asyncio.Runner


@lru_cache(maxsize=1)
def _worker(text: str) -> _Worker:
    settings = Settings.model_validate_json(text)
    return _Worker(open_rule_desk(settings, open_market(settings)), asyncio.Runner())
