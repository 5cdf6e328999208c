"""Measure the value of memory on the demo market: the rule desk with memory against the same desk without.

Usage: `python -m openoutcry.evals.memory_ablation --help`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from ..domain.errors import ConfigError, OpenOutcryError, is_bug
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
from .memory_ablation_report import memory_gain, table
from .memory_ablation_unit import run_pair
from .parallel import map_parallel
from .statistics.bootstrap import Resampling

SCHEMA = "openoutcry.memory-value/1"
FIRST, WARM_UP_YEARS = date(2017, 1, 3), 3
SEEDS = (7, 11, 12)
NARROWEST = 150


def main(arguments: Sequence[str], now: datetime) -> int:
    """Run the backtests and print the report; return 0, 2 for invalid arguments, or 1 for a bug."""
    asked = _parser().parse_args(arguments)
    try:
        config, units = _setting(asked, now), units_of(asked.seed, asked.tickers)
        since = asked.counted or config.first.replace(year=config.first.year + WARM_UP_YEARS)
        if not config.first <= since < config.last:
            raise ConfigError("--counted-from must be between --from and --to")
        result = list(map_parallel(partial(_walk, config=config), units, workers=asked.workers, description="running"))
    except OpenOutcryError as error:
        sys.stderr.write(f"{error}\n")
        return 1 if is_bug(error) else 2
    rows = list(memory_gain(result, since, Resampling(draws=asked.draws, seed=asked.bootstrap_seed)))
    if asked.json:
        document = {"schema": SCHEMA, "from": config.first, "counted_from": since, "to": config.last}
        values = [asdict(row) for row in rows]
        sys.stdout.write(json.dumps({**document, "seeds": asked.seed, "rows": values}, default=str, indent=1) + "\n")
        return 0
    console = Console()
    console.width = max(console.width, NARROWEST)
    console.print(
        f"Synthetic market. Desk 'debate' answered by rules, one decision per month from {config.first} to "
        f"{config.last} for both desks; months from {since} on are counted."
    )
    console.print(table(rows, asked.seed))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openoutcry.evals.memory_ablation", description=__doc__)
    add = parser.add_argument
    add("--from", dest="first", type=date.fromisoformat, default=FIRST, help="first day of the backtest [%(default)s]")
    add("--counted-from", dest="counted", type=date.fromisoformat, help="first counted day [three years after --from]")
    add("--to", dest="last", type=date.fromisoformat, help="last day [last completed session]")
    add("--seed", type=int, nargs="+", default=list(SEEDS), help="seeds of the demo markets [%(default)s]")
    add("--tickers", type=lambda text: text.upper().split(","), help="tickers: A,B,C [all of the demo market]")
    add("--workers", type=int, default=2, help="number of processes [%(default)s]")
    add("--draws", type=int, default=Resampling().draws, help="number of bootstrap draws [%(default)s]")
    add("--bootstrap-seed", type=int, default=0, help="random seed of the bootstrap [%(default)s]")
    add("--json", action="store_true", help="print one JSON document instead of a table")
    return parser


def _setting(asked: argparse.Namespace, now: datetime) -> ExperimentConfig:
    if min(asked.workers, asked.draws) < 1:
        raise ConfigError("--workers and --draws must be at least 1")
    return ExperimentConfig(asked.first, asked.last or trading_calendar(CALENDAR).last_completed(now))


@contextmanager
def temporary_memory() -> Iterator[MemoryStore]:
    """Open an empty memory in a temporary folder that is deleted afterwards."""
    with TemporaryDirectory() as folder, FileMemoryStore(Path(folder), HashingEmbedder(), DEFAULT) as memory:
        yield memory


def _walk(unit: ExperimentUnit, config: ExperimentConfig) -> UnitResult:
    return asyncio.run(run_pair(unit, config, temporary_memory))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
