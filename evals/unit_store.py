"""The units of one run in `units.sqlite`: results by key, failures, and which track each belongs to."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from ..domain.ids import RunId
from ..storage.sqlite import Schema, SqliteFile
from .unit import PlannedUnit, UnitRecord, WholeDecision

FILE_NAME = "units.sqlite"
RESULTS = """
CREATE TABLE IF NOT EXISTS results (key TEXT NOT NULL PRIMARY KEY, finished_at TEXT NOT NULL, record BLOB NOT NULL)
"""
FAILURES = """
CREATE TABLE IF NOT EXISTS failures (key TEXT NOT NULL PRIMARY KEY, failed_at TEXT NOT NULL, error TEXT NOT NULL)
"""
UNITS = """
CREATE TABLE IF NOT EXISTS units (
    place INTEGER NOT NULL PRIMARY KEY, track TEXT NOT NULL, symbols TEXT NOT NULL, seed INTEGER NOT NULL,
    key TEXT NOT NULL
)
"""
DOCUMENTS = """
CREATE TABLE IF NOT EXISTS documents (
    run_id TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL, document BLOB NOT NULL
)
"""
SCHEMA = Schema(version=2, create=(RESULTS, FAILURES, UNITS, DOCUMENTS), upgrades={1: (DOCUMENTS,)})
_RECORD: TypeAdapter[UnitRecord] = TypeAdapter(UnitRecord)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A unit that the run has: its track, its symbols separated by commas, its seed, and the key of its result."""

    track: str
    symbols: str
    seed: int
    key: str


class UnitStore:
    """Keeps the units of one run; what a method has written survives a killed process."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file in `folder`; raises ConfigError if it is no such store or of a newer version."""
        self._file = SqliteFile(folder / FILE_NAME, "the store of units", SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def plan(self, units: Sequence[PlannedUnit]) -> None:
        """Store which units the run has, in place of those stored before."""
        rows = [(place, each.track, ",".join(each.symbols), each.seed, each.key) for place, each in enumerate(units)]
        with self._file.writing() as connection:
            connection.execute("DELETE FROM units")
            connection.executemany("INSERT INTO units VALUES (?, ?, ?, ?, ?)", rows)

    def planned(self) -> tuple[PlannedRow, ...]:
        """Return the units that the run has, in their order."""
        rows = self._file.rows("SELECT track, symbols, seed, key FROM units ORDER BY place")
        return tuple(PlannedRow(*row) for row in rows)

    def save(self, record: UnitRecord, timestamp: datetime) -> None:
        """Store a finished unit with its kept decisions, and remove its failure, if it failed before."""
        blob = zlib.compress(_RECORD.dump_json(replace(record, kept=())))
        kept = [(each.run_id, record.key, each.document) for each in record.kept]
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?)", (record.key, timestamp.isoformat(), blob)
            )
            connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", kept)
            connection.execute("DELETE FROM failures WHERE key = ?", (record.key,))

    def fail(self, key: str, error: str, timestamp: datetime) -> None:
        """Store that a unit has failed; it is run again when the experiment is."""
        with self._file.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (key, timestamp.isoformat(), error))

    def finished(self) -> frozenset[str]:
        """Return the keys of all finished units."""
        return frozenset(row[0] for row in self._file.rows("SELECT key FROM results"))

    def failures(self) -> Mapping[str, str]:
        """Return the error of each failed unit by key."""
        return dict(self._file.rows("SELECT key, error FROM failures ORDER BY key"))

    def find(self, key: str) -> UnitRecord | None:
        """Return a finished unit, or None."""
        rows = self._file.rows("SELECT record FROM results WHERE key = ?", (key,))
        return next((_RECORD.validate_json(zlib.decompress(row[0])) for row in rows), None)

    def document(self, run_id: str) -> str | None:
        """Return the document of a decision that was kept whole, as JSON text; None for another one."""
        rows = self._file.rows("SELECT document FROM documents WHERE run_id = ?", (run_id,))
        return next((WholeDecision(RunId(run_id), row[0]).text for row in rows), None)

    def documents(self) -> tuple[str, ...]:
        """Return the run ids of all decisions that are kept whole, sorted."""
        return tuple(row[0] for row in self._file.rows("SELECT run_id FROM documents ORDER BY run_id"))

    def records(self, keys: Iterable[str]) -> Iterator[UnitRecord]:
        """Yield the finished units among `keys`, in their order."""
        for key in keys:
            if (found := self.find(key)) is not None:
                yield found

    def adopt(self, other: "UnitStore", keys: Iterable[str]) -> int:
        """Copy the finished units with these keys from another run; return how many there were."""
        wanted = set(keys) & other.finished()
        for key in sorted(wanted):
            rows = other._file.rows("SELECT key, finished_at, record FROM results WHERE key = ?", (key,))
            kept = other._file.rows("SELECT run_id, key, document FROM documents WHERE key = ?", (key,))
            with self._file.writing() as connection:
                connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)
                connection.executemany("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", kept)
        return len(wanted)
