"""Measure the value of memory on the demo market: the rule desk with memory against the same desk without."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ..domain.errors import ConfigError
from ..domain.trading_calendar import trading_calendar
from ..llm.embeddings.hashing import HashingEmbedder
from ..memory.port import MemoryStore
from ..memory.presets.catalog import DEFAULT
from ..memory.store import FileMemoryStore
from .demo_experiment import (
    CALENDAR,
    ExperimentConfig,
    ExperimentUnit,
    UnitResult,
    units_of,
)
from .memory_ablation_report import MemoryGain, memory_gain
from .memory_ablation_unit import run_pair
from .parallel import map_parallel
from .statistics.bootstrap import Resampling

WARM_UP_YEARS = 3


@dataclass(frozen=True, slots=True)
class MemoryValue:
    """The gains by planted signal, the first counted day, and the configuration of all units."""

    config: ExperimentConfig
    since: date
    rows: tuple[MemoryGain, ...]


def measure_memory(
    first: date,
    counted: date | None,
    last: date | None,
    seeds: Sequence[int],
    tickers: Sequence[str] | None,
    *,
    workers: int,
    resampling: Resampling,
    now: datetime,
) -> MemoryValue:
    """Run the desk with and without memory on every seed and ticker; months from `counted` on are counted.

    By default counting begins three years after `first`, and the window ends with the last session completed at `now`.
    Raises ConfigError for an unknown ticker and for an impossible window.
    """
    config = ExperimentConfig(first, last or trading_calendar(CALENDAR).last_completed(now))
    units = units_of(seeds, tickers)
    since = counted or first.replace(year=first.year + WARM_UP_YEARS)
    if not config.first <= since < config.last:
        raise ConfigError("--counted-from must be between --from and --to")
    result = list(map_parallel(partial(_walk, config=config), units, workers=workers, description="running"))
    return MemoryValue(config, since, tuple(memory_gain(result, since, resampling)))


@contextmanager
def temporary_memory() -> Iterator[MemoryStore]:
    """Open an empty memory in a temporary folder that is deleted afterwards."""
    with TemporaryDirectory() as folder, FileMemoryStore(Path(folder), HashingEmbedder(), DEFAULT) as memory:
        yield memory


def _walk(unit: ExperimentUnit, config: ExperimentConfig) -> UnitResult:
    return asyncio.run(run_pair(unit, config, temporary_memory))
