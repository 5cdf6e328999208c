"""The backtest store: the request of every backtest, and the finished decisions and model calls of those with models.

A backtest that was interrupted finds here what it has already paid for. Rules are not stored: they are repeated.
"""

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ...domain.decision import Decision
from ...domain.ids import RunId
from ...storage.sqlite import Schema, SqliteFile
from ...storage.stored_type import StoredType
from .backtest_convictions import BacktestConvictions
from .run_calls import RunCallLog
from .run_lease import LEASES, RunLease
from .run_schema import CALLS
from .stored_pictures import DELETE_UNUSED, PICTURE_TABLES
from .stored_results import ROLE_RESULTS, ResultsOwner, StoredPeriodResults

FILE_NAME = "backtests.db"
BACKTESTS = """
CREATE TABLE IF NOT EXISTS backtests (
    backtest_id TEXT NOT NULL PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, request TEXT NOT NULL,
    config_hash TEXT NOT NULL
)
"""
DECISIONS = """
CREATE TABLE IF NOT EXISTS decisions (
    backtest_id TEXT NOT NULL, run_id TEXT NOT NULL, decision BLOB NOT NULL, PRIMARY KEY (run_id)
)
"""
CONVICTIONS = """
CREATE TABLE IF NOT EXISTS convictions (
    backtest_id TEXT NOT NULL, role TEXT NOT NULL, as_of TEXT NOT NULL, symbol TEXT NOT NULL, conviction REAL NOT NULL,
    PRIMARY KEY (backtest_id, role, as_of, symbol, conviction)
)
"""
SCHEMA = Schema(
    version=3,
    create=(BACKTESTS, DECISIONS, CALLS, ROLE_RESULTS, CONVICTIONS, *PICTURE_TABLES),
    upgrades={1: (ROLE_RESULTS, CONVICTIONS), 2: ()},
)
_COLUMNS = "backtest_id, started_at, finished_at, request, config_hash"
_DECISION = StoredType(Decision)


@dataclass(frozen=True, slots=True)
class StoredBacktest:
    """One backtest.

    Attributes:
        finished_at: when it was last finished; None while it is not.
        request: everything that it was started with, as JSON text.
        config_hash: hash over what must be unchanged to continue it: program, desk, prompts, market data, endpoint.
    """

    backtest_id: str
    started_at: datetime
    finished_at: datetime | None
    request: str
    config_hash: str


_STORED = StoredType(StoredBacktest)


class BacktestStore:
    """Keeps backtests in one SQLite file; what a method has written survives a killed process."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file in `folder`; raises ConfigError if it is no such store or of a newer version."""
        self._file = SqliteFile(folder / FILE_NAME, "the backtest store", SCHEMA)

    @property
    def folder(self) -> Path:
        """Return the folder of the file."""
        return self._file.path.parent

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def begin(self, backtest: StoredBacktest) -> None:
        """Store a backtest, in place of one with the same id."""
        values = asdict(backtest) | {"started_at": backtest.started_at.isoformat()}
        with self._file.writing() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO backtests ({_COLUMNS}) "  # noqa: S608 -- column names of this module
                "VALUES (:backtest_id, :started_at, :finished_at, :request, :config_hash)",
                values,
            )

    def finish(self, backtest_id: str, timestamp: datetime) -> None:
        """Store that a backtest has finished."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE backtests SET finished_at = ? WHERE backtest_id = ?", (timestamp.isoformat(), backtest_id)
            )

    def forget(self, backtest_id: str) -> None:
        """Delete the decisions, model calls, results of slow roles and convictions of a backtest."""
        with self._file.writing() as connection:
            runs = "SELECT run_id FROM decisions WHERE backtest_id = ?"
            for table in ("calls", "run_pictures"):
                connection.execute(f"DELETE FROM {table} WHERE run_id IN ({runs})", (backtest_id,))  # noqa: S608
            connection.execute(DELETE_UNUSED)
            connection.execute("DELETE FROM decisions WHERE backtest_id = ?", (backtest_id,))
            connection.execute("DELETE FROM role_results WHERE account = ?", (backtest_id,))
            connection.execute("DELETE FROM convictions WHERE backtest_id = ?", (backtest_id,))

    def all(self) -> tuple[StoredBacktest, ...]:
        """Return the backtests, newest first."""
        query = f"SELECT {_COLUMNS} FROM backtests ORDER BY started_at DESC, backtest_id"  # noqa: S608
        return tuple(map(_stored, self._file.rows(query, ())))

    def find(self, backtest_id: str) -> StoredBacktest | None:
        """Return one backtest, or None."""
        return next((each for each in self.all() if each.backtest_id == backtest_id), None)

    def find_decision(self, run_id: RunId) -> Decision | None:
        """Return a finished decision, or None."""
        rows = self._file.rows("SELECT decision FROM decisions WHERE run_id = ?", (run_id,))
        return next((_DECISION.from_json(zlib.decompress(row[0])) for row in rows), None)

    def save_decision(self, backtest_id: str, decision: Decision) -> None:
        """Store a finished decision."""
        blob = zlib.compress(_DECISION.to_json(decision))
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", (backtest_id, decision.run_id, blob)
            )

    def decided(self, backtest_id: str) -> tuple[RunId, ...]:
        """Return the run ids of the finished decisions of a backtest, sorted."""
        rows = self._file.rows("SELECT run_id FROM decisions WHERE backtest_id = ? ORDER BY run_id", (backtest_id,))
        return tuple(RunId(row[0]) for row in rows)

    def call_log(self, run_id: RunId) -> RunCallLog:
        """Return the log of the finished model calls of one decision."""
        return RunCallLog(self._file, run_id)

    def period_results(self, owner: ResultsOwner, configurations: Mapping[str, str]) -> StoredPeriodResults:
        """Return the results of slow roles of one backtest; `configurations` has a hash for each role."""
        return StoredPeriodResults(self._file, owner, configurations)

    def convictions(self, backtest_id: str) -> BacktestConvictions:
        """Return the convictions of the quick answers of a backtest."""
        return BacktestConvictions(self._file, backtest_id)

    def lease(self, backtest_id: str) -> RunLease:
        """Return the lease that a process holds while it works on a backtest."""
        return RunLease(self._file.path.absolute().parent / LEASES, backtest_id)


def _stored(row: tuple[object, ...]) -> StoredBacktest:
    return _STORED.from_values(dict(zip(_COLUMNS.split(", "), row, strict=True)))
