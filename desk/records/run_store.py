"""The run store: every run, its finished model calls and its decision record, in SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...domain.decision import Decision
from ...domain.errors import ConfigError
from ...domain.ids import RunId
from ...storage.sqlite import SqliteFile
from ...storage.stored_type import StoredType
from .run_calls import ModelTotal, RunCallLog, answer_tokens, usage_by_model
from .run_lease import LEASES, RunLease
from .run_schema import RUN_COLUMNS, SCHEMA
from .run_status import Status, check_transition
from .stored_pictures import delete_pictures, load_picture
from .stored_results import DELETE_OUTDATED, ResultsOwner, StoredPeriodResults

_DECISION = StoredType(Decision)
_NAMES = ", ".join(RUN_COLUMNS)
_INSERT = f"INSERT INTO runs ({_NAMES}) VALUES ({', '.join(f':{name}' for name in RUN_COLUMNS)})"  # noqa: S608
_SELECT = f"SELECT {_NAMES} FROM runs"  # noqa: S608 -- column names of this module

_SUBMITTED = """
SELECT decision FROM runs WHERE ticker = ? AND as_of <= ? AND json_extract(decision, '$.account') = ?
    AND json_type(decision, '$.submissions') = 'array' ORDER BY as_of DESC, started_at DESC, run_id DESC
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the list of runs. `request` holds the settings that the run was started with, as JSON text."""

    run_id: RunId
    started_at: datetime
    ticker: str
    as_of: datetime
    desk: str
    status: Status
    outcome: str | None
    request: str
    config_hash: str


_RUN = StoredType(Run)
_MOMENT = StoredType(datetime)


class RunStore:
    """Keeps runs in one SQLite file; a row is durable against a killed process when the method returns."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError when it is no such store, or of a newer version."""
        self._file = SqliteFile(path, "the run store", SCHEMA)

    def plan(self, run: Run) -> None:
        """Store a run before it begins."""
        with self._file.writing() as connection:
            connection.execute(_INSERT, _values(replace(run, status=Status.PLANNED)))

    def begin(self, run: Run) -> None:
        """Store that a run begins; a planned run with the same id, or one that is done, becomes this one."""
        with self._file.writing() as connection:
            if self._status(connection, run.run_id) in {Status.PLANNED, Status.DONE}:
                connection.execute("DELETE FROM runs WHERE run_id = ?", (run.run_id,))
            connection.execute(_INSERT, _values(replace(run, status=Status.RUNNING)))

    def move(self, run_id: RunId, status: Status) -> None:
        """Store the next state of a run; raises ConfigError for an unknown run, ValueError for an impossible step."""
        self._update(run_id, status, {})

    def record(self, decision: Decision, status: Status) -> None:
        """Store the full decision record of a run that has begun, with the state that it reaches; raises as `move`."""
        text = _DECISION.to_json(decision).decode()
        self._update(decision.run_id, status, {"outcome": decision.outcome, "decision": text})

    def finish(self, decision: Decision) -> None:
        """Store the full decision record of a run and close the run."""
        self.record(decision, Status.DONE)

    def runs(self, *, limit: int | None = None) -> tuple[Run, ...]:
        """Return the runs, newest first."""
        query = f"{_SELECT} ORDER BY started_at DESC, run_id DESC LIMIT ?"
        return tuple(_run(row) for row in self._file.rows(query, (-1 if limit is None else limit,)))

    def get(self, run_id: str) -> Run:
        """Return one run; raises ConfigError when there is none with that id."""
        run = self.find(run_id)
        if run is None:
            raise _unknown(run_id)
        return run

    def find(self, run_id: str) -> Run | None:
        """Return one run, or None when there is none with that id."""
        return next((_run(row) for row in self._file.rows(f"{_SELECT} WHERE run_id = ?", (run_id,))), None)

    def lease(self, run_id: str) -> RunLease:
        """Return the lease that a process holds while it works on a run."""
        return RunLease(self._file.path.absolute().parent / LEASES, run_id)

    def current_status(self, run: Run) -> Status:
        """Return the state of a run; one that is stored as running, but that no process works on, is interrupted."""
        if run.status is Status.RUNNING and not self.lease(run.run_id).is_held:
            return Status.INTERRUPTED
        return run.status

    def decision(self, run_id: str) -> Decision | None:
        """Return the decision record of a run, or None while it has none; raises ConfigError for an unknown id."""
        self.get(run_id)
        return self.find_decision(run_id)

    def find_decision(self, run_id: str) -> Decision | None:
        """Return the decision record of a run, or None where there is no such run or it has none."""
        rows = self._file.rows("SELECT decision FROM runs WHERE run_id = ?", (run_id,))
        return next((_DECISION.from_json(row[0]) for row in rows if row[0] is not None), None)

    def submitted_decisions(self, account: str, ticker: str, before: datetime, count: int) -> tuple[Decision, ...]:
        """Return the last `count` submitted decisions of an account on one ticker made before `before`, oldest first.

        Of several decisions at one moment the one of the run that was started last is returned.
        """
        rows = self._file.rows(_SUBMITTED, (ticker, _text(before), account))
        found = dict[datetime, Decision]()
        for row in rows:
            decision = _DECISION.from_json(row[0])
            if decision.as_of < before:
                found.setdefault(decision.as_of, decision)
            if len(found) == count:
                break
        return tuple(found[as_of] for as_of in sorted(found))

    def call_log(self, run_id: RunId) -> RunCallLog:
        """Return the log of the finished model calls of one run."""
        return RunCallLog(self._file, run_id)

    def picture(self, sha256: str) -> bytes | None:
        """Return a picture that a model was sent, as a PNG file; None if it is not stored."""
        return load_picture(self._file, sha256)

    def period_results(self, owner: ResultsOwner, configurations: Mapping[str, str]) -> StoredPeriodResults:
        """Return the results of slow roles of one account and desk; `configurations` has a hash for each role."""
        return StoredPeriodResults(self._file, owner, configurations)

    def usage_by_model(self, run_ids: Sequence[RunId]) -> Sequence[ModelTotal]:
        """Return the finished calls of several runs, summed by model."""
        return usage_by_model(self._file, run_ids)

    def answer_tokens(self) -> Mapping[str, int]:
        """Return the mean completion tokens of a stored call by role, rounded up."""
        return answer_tokens(self._file)

    def stored_bytes(self, run_ids: Sequence[RunId]) -> int:
        """Return the size of what is stored for these runs: requests, decisions, model calls and pictures."""
        queries = (
            "SELECT coalesce(sum(length(request) + coalesce(length(decision), 0)), 0) FROM runs WHERE run_id = ?",
            "SELECT coalesce(sum(length(reply) + coalesce(length(request), 0)), 0) FROM calls WHERE run_id = ?",
            "SELECT coalesce(sum(length(png)), 0) FROM pictures JOIN run_pictures USING (sha256) WHERE run_id = ?",
        )
        return sum(int(self._file.rows(query, (run_id,))[0][0]) for run_id in run_ids for query in queries)

    def delete(self, run_ids: Sequence[RunId]) -> None:
        """Delete runs, their calls and their outdated results in one transaction; unknown ids are ignored."""
        with self._file.writing() as connection:
            connection.executemany(DELETE_OUTDATED, [(run_id,) for run_id in run_ids])
            for table in ("calls", "runs"):
                statement = f"DELETE FROM {table} WHERE run_id = ?"  # noqa: S608 -- two names
                connection.executemany(statement, [(run_id,) for run_id in run_ids])
            delete_pictures(connection, run_ids)

    def vacuum(self) -> None:
        """Return unused space of the file to the disk."""
        self._file.vacuum()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _update(self, run_id: RunId, status: Status, values: Mapping[str, object]) -> None:
        with self._file.writing() as connection:
            before = self._status(connection, run_id)
            if before is None:
                raise _unknown(run_id)
            check_transition(run_id, before, status)
            changed = {**values, "status": status}
            assignments = ", ".join(f"{name} = :{name}" for name in changed)
            update = f"UPDATE runs SET {assignments} WHERE run_id = :run_id"  # noqa: S608 -- names of this module
            connection.execute(update, {**changed, "run_id": run_id})

    @staticmethod
    def _status(connection: sqlite3.Connection, run_id: RunId) -> Status | None:
        row = connection.execute("SELECT status FROM runs WHERE run_id = ?", (run_id,)).fetchone()
        return None if row is None else Status(row[0])


def _values(run: Run) -> dict[str, object]:
    values: dict[str, object] = _RUN.to_values(run)
    return values


def _run(row: tuple[object, ...]) -> Run:
    return _RUN.from_values(dict(zip(RUN_COLUMNS, row, strict=True)))


def _text(timestamp: datetime) -> str:
    """Return a moment as the column `as_of` has it."""
    text: str = _MOMENT.to_values(timestamp.astimezone(UTC))
    return text


def _unknown(run_id: str) -> ConfigError:
    return ConfigError(f"there is no run {run_id!r}; `openoutcry runs list` shows those there are")
