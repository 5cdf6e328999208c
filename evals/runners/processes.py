"""Units without models in several processes, which end with this one."""

import multiprocessing
import os
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from ...domain.errors import ConfigError, OpenOutcryError, is_bug
from ..unit import PlannedUnit
from ..unit_run import run_rule_unit
from .runner import Finish, UnitOutcome

MOST_RESTARTS = 3
TASKS_PER_WORKER = 3
"""Least number of groups for each process, so that none is idle for long at the end."""


def attempt_rule_unit(unit: PlannedUnit) -> UnitOutcome:
    """Run a unit without a model; an error of the market becomes its outcome. Raises bugs and ConfigError."""
    try:
        return UnitOutcome(unit, run_rule_unit(unit))
    except OpenOutcryError as error:
        if is_bug(error) or isinstance(error, ConfigError):
            raise
        return UnitOutcome(unit, None, str(error))


def attempt_rule_units(units: Sequence[PlannedUnit]) -> list[UnitOutcome]:
    """Run units one after the other; see `attempt_rule_unit`."""
    return [attempt_rule_unit(unit) for unit in units]


def unit_groups(units: Sequence[PlannedUnit], workers: int) -> list[list[PlannedUnit]]:
    """Return the units in groups for one process each: those on one account, which have their evidence in common.

    With fewer than TASKS_PER_WORKER accounts a process, every unit is a group.
    """
    accounts = defaultdict[tuple[int, tuple[str, ...]], list[PlannedUnit]](list)
    for unit in units:
        accounts[unit.seed, unit.symbols].append(unit)
    return list(accounts.values()) if len(accounts) >= TASKS_PER_WORKER * workers else [[unit] for unit in units]


def run_in_processes(units: Sequence[PlannedUnit], workers: int, finish: Finish) -> None:
    """Execute units in `workers` processes, or in this one if there is only one worker.

    If a process dies, the units that were not finished are given to new processes; those that are left after
    MOST_RESTARTS are reported as failed.
    """
    if workers == 1:
        for unit in units:
            finish(attempt_rule_unit(unit))
        return
    left = list(units)
    for _ in range(1 + MOST_RESTARTS):
        left = _run_once(left, workers, finish)
        if not left:
            return
    for unit in left:
        finish(UnitOutcome(unit, None, "the process of this unit ended without a result, several times"))


def _run_once(units: Sequence[PlannedUnit], workers: int, finish: Finish) -> list[PlannedUnit]:
    """Return the units that were not finished because a process died."""
    done = set[str]()
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(units)), fresh, _begin_worker)
    try:
        for outcome in _completed(pool, unit_groups(units, workers)):
            done.add(f"{outcome.unit.track} {outcome.unit.key}")
            finish(outcome)
    except BrokenProcessPool:
        return [unit for unit in units if f"{unit.track} {unit.key}" not in done]
    except BaseException:
        _kill(pool)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return []


def _completed(pool: ProcessPoolExecutor, groups: Sequence[Sequence[PlannedUnit]]) -> Iterator[UnitOutcome]:
    waiting: set[Future[list[UnitOutcome]]] = {pool.submit(attempt_rule_units, group) for group in groups}
    while waiting:
        ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        broken = [future for future in ended if isinstance(future.exception(), BrokenProcessPool)]
        for future in ended - set(broken):
            yield from future.result()
        if broken:
            raise BrokenProcessPool


def _kill(pool: ProcessPoolExecutor) -> None:
    """End the processes of the pool at once; what they work on is lost."""
    for process in list((pool._processes or {}).values()):
        process.kill()


def _begin_worker() -> None:
    """Ignore the interrupt of the terminal, and end with the parent process even if that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
