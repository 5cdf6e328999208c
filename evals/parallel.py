"""Parallel execution of units in several processes, with a progress bar on standard error."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

U = TypeVar("U")
R = TypeVar("R")


def map_parallel(work: Callable[[U], R], units: Sequence[U], *, workers: int, description: str) -> Iterator[R]:
    """Yield `work(unit)` for every unit, in order. With several workers, `work` and the units must be picklable."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        if workers == 1:
            yield from progress.track(map(work, units), len(units), description=description)
            return
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(units)), mp_context=fresh) as pool:
            yield from progress.track(pool.map(work, units), len(units), description=description)
