"""Deletion of old runs, with their calls, checkpoints, event logs and recordings."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from ..desk.accounts.journal_runs import runs_in_use
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run, RunStore
from ..domain.errors import OpenOutcryError
from ..domain.ids import RunId
from ..graph.checkpoints import CheckpointFile
from ..llm.recording import FILE_NAME as RECORDINGS
from ..llm.recording import RecordingStore
from .event_log import event_log_path
from .factories import open_ledger, open_store
from .settings import Settings, home
from .state_folder import CHECKPOINTS, has_ledger


@dataclass(frozen=True, slots=True)
class PruningPlan:
    """What a pruning deletes.

    Attributes:
        before: only runs that started before this time are old.
        runs: ids of the runs to delete, oldest first.
        in_use: old runs that are kept because an account refers to them.
        unfinished: old runs that are kept because they can be resumed, or are running.
        bytes: size of the content to delete; recordings that several runs share are not counted.
    """

    before: datetime
    runs: tuple[RunId, ...]
    in_use: tuple[RunId, ...]
    unfinished: tuple[RunId, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class PruningResult:
    """The result of a pruning: bytes by which the files became smaller, and files that could not be made smaller."""

    freed_bytes: int
    notices: tuple[str, ...]


def plan_pruning(settings: Settings, before: datetime, *, force: bool) -> PruningPlan:
    """Return what would be deleted; nothing is changed.

    Finished runs are deleted, with `force` also those that can be resumed. Runs that a process works on and runs that
    an account refers to are kept. Raises what opening the ledger raises: without it, the second kind is not known.
    """
    used = _used_by_accounts(settings)
    with closing(open_store(settings)) as store:
        old = [run for run in reversed(store.runs()) if run.started_at < before]
        finished = [run for run in old if _may_go(store, run, force=force)]
        ids = {run.run_id for run in finished}
        gone = tuple(run.run_id for run in finished if run.run_id not in used)
        return PruningPlan(
            before,
            gone,
            tuple(run.run_id for run in finished if run.run_id in used),
            tuple(run.run_id for run in old if run.run_id not in ids),
            store.stored_bytes(gone) + _event_log_bytes(settings, gone),
        )


def prune(settings: Settings, plan: PruningPlan) -> PruningResult:
    """Delete the runs of a plan.

    Each file is changed in one transaction, the run store last: an interrupted pruning can be repeated.
    """
    sizes = _file_sizes(settings)
    checkpoints = CheckpointFile(home(settings) / CHECKPOINTS)
    checkpoints.delete(plan.runs)
    notices = _vacuumed(checkpoints)
    if (path := settings.home / RECORDINGS).exists():
        with closing(RecordingStore(path)) as recordings:
            recordings.delete(plan.runs)
            notices += _vacuumed(recordings)
    freed = _event_log_bytes(settings, plan.runs)
    for run in plan.runs:
        event_log_path(settings.home, run).unlink(missing_ok=True)
    with closing(open_store(settings)) as store:
        store.delete(plan.runs)
        notices += _vacuumed(store)
    return PruningResult(max(0, sizes - _file_sizes(settings)) + freed, tuple(notices))


def _may_go(store: RunStore, run: Run, *, force: bool) -> bool:
    status = store.current_status(run)
    return status is Status.DONE or (force and status is not Status.RUNNING and not store.lease(run.run_id).is_held)


def _used_by_accounts(settings: Settings) -> frozenset[str]:
    if not has_ledger(settings):
        return frozenset()
    with closing(open_ledger(settings, reading=True)) as ledger:
        return frozenset().union(*(runs_in_use(ledger.broker(name)) for name in ledger.accounts()))


def _vacuumed(store: CheckpointFile | RecordingStore | RunStore) -> list[str]:
    """Make a file smaller; return a notice instead of raising an error, because its rows are deleted already."""
    try:
        store.vacuum()
    except OpenOutcryError as error:
        return [f"the space is freed by the next pruning: {error}"]
    return []


def _event_log_bytes(settings: Settings, runs: Sequence[RunId]) -> int:
    paths = (event_log_path(settings.home, run) for run in runs)
    return sum(path.stat().st_size for path in paths if path.is_file())


def _file_sizes(settings: Settings) -> int:
    names = ("runs.db", CHECKPOINTS, RECORDINGS)
    paths = (settings.home / f"{name}{suffix}" for name in names for suffix in ("", "-wal"))
    return sum(path.stat().st_size for path in paths if path.is_file())
