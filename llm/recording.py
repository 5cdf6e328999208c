"""Recordings of model calls: a store addressed by content, in one SQLite file."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..domain.picture import Picture
from ..storage.sqlite import Schema, SqliteFile

FILE_NAME = "recordings.db"

ENTRIES = """
CREATE TABLE IF NOT EXISTS entries (
    id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, reply TEXT NOT NULL
)
"""
BY_KEY = "CREATE INDEX IF NOT EXISTS entries_by_key ON entries (kind, key)"
USES = """
CREATE TABLE IF NOT EXISTS uses (
    run_id TEXT NOT NULL, place INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (run_id, entry)
)
"""
RUNS = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, inputs TEXT NOT NULL, memory_head INTEGER,
    memory BLOB, decision TEXT
)
"""
SCHEMA = Schema(version=1, create=(ENTRIES, BY_KEY, USES, RUNS))


class RecordingMode(StrEnum):
    """Use of recordings: none, record every call, or answer recorded requests and record the others."""

    OFF = "off"
    RECORD = "record"
    AUTO = "auto"


class EntryKind(StrEnum):
    """The kind of a recorded entry.

    `kept` is a result of an earlier decision that the run used again, `picture` a picture that a request refers to,
    `known` what its desk had learned before the run, `learned` what it learned in the run.
    """

    CHAT = "chat"
    EMBEDDING = "embedding"
    KEPT = "kept"
    PICTURE = "picture"
    KNOWN = "known"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One recorded request with its reply.

    Attributes:
        key: SHA-256 of `request`, in hexadecimal.
        request: the request as canonical JSON; it contains no endpoint and no key.
        reply: the reply as JSON.
    """

    kind: EntryKind
    key: str
    request: str
    reply: str

    @property
    def id(self) -> str:
        """Return the SHA-256 of the whole entry: requests that were answered differently are kept apart."""
        return hashlib.sha256("\0".join((self.kind, self.request, self.reply)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The inputs and the result of a recorded run.

    Attributes:
        version: version of the program that made the decision.
        inputs: settings, ticker, time and account as JSON.
        memory_head: last row of the memory journal before the run; None if there was no memory.
        memory: the journal up to that row as the bytes of an SQLite file; None if it is in the home folder.
        decision: the decision as JSON; None while the run is not finished.
    """

    run_id: str
    version: str
    inputs: str
    memory_head: int | None
    memory: bytes | None = None
    decision: str | None = None


class RecordingStore:
    """Keeps recorded runs and their entries in one file; equal entries of several runs are stored once."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError if it is no recording, or was written by a newer version."""
        self._file = SqliteFile(path, "the recording", SCHEMA)

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def begin(self, run: RecordedRun) -> None:
        """Store the inputs of a run, unless the run was begun before."""
        values = (run.run_id, run.version, run.inputs, run.memory_head, run.memory, run.decision)
        with self._file.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?)", values)

    def finish(self, run_id: str, decision: str) -> None:
        """Store the decision of a run."""
        with self._file.writing() as connection:
            connection.execute("UPDATE runs SET decision = ? WHERE run_id = ?", (decision, run_id))

    def save(self, run_id: str, entries: Sequence[RecordedCall]) -> None:
        """Add entries to a run, in order."""
        insert = "INSERT OR IGNORE INTO uses SELECT ?, coalesce(max(place), 0) + 1, ? FROM uses WHERE run_id = ?"
        with self._file.writing() as connection:
            for entry in entries:
                values = (entry.id, entry.kind, entry.key, entry.request, entry.reply)
                connection.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?)", values)
                connection.execute(insert, (run_id, entry.id, run_id))

    def latest(self, kind: EntryKind, key: str) -> RecordedCall | None:
        """Return the last entry with `key` that any run has recorded, or None."""
        query = "SELECT kind, key, request, reply FROM entries WHERE kind = ? AND key = ? ORDER BY rowid DESC LIMIT 1"
        return next((_entry(row) for row in self._file.rows(query, (kind, key))), None)

    def entries(self, run_id: str, kind: EntryKind | None = None) -> tuple[RecordedCall, ...]:
        """Return the entries of a run, in order; those of one kind if it is given."""
        query = (
            "SELECT e.kind, e.key, e.request, e.reply FROM uses u JOIN entries e ON e.id = u.entry "
            "WHERE u.run_id = ? AND (? IS NULL OR e.kind = ?) ORDER BY u.place"
        )
        return tuple(_entry(row) for row in self._file.rows(query, (run_id, kind, kind)))

    def runs(self) -> tuple[RecordedRun, ...]:
        """Return all runs, in order of their ids."""
        query = "SELECT run_id, version, inputs, memory_head, memory, decision FROM runs ORDER BY run_id"
        return tuple(RecordedRun(*row) for row in self._file.rows(query))

    def find(self, run_id: str) -> RecordedRun | None:
        """Return one run, or None if it was not recorded."""
        query = "SELECT run_id, version, inputs, memory_head, memory, decision FROM runs WHERE run_id = ?"
        return next((RecordedRun(*row) for row in self._file.rows(query, (run_id,))), None)

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete these runs and the entries that no other run uses, in one transaction."""
        names = [(run_id,) for run_id in run_ids]
        with self._file.writing() as connection:
            connection.executemany("DELETE FROM uses WHERE run_id = ?", names)
            connection.executemany("DELETE FROM runs WHERE run_id = ?", names)
            connection.execute("DELETE FROM entries WHERE id NOT IN (SELECT entry FROM uses)")

    def vacuum(self) -> None:
        """Return unused space of the file to the disk."""
        self._file.vacuum()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def recorded_picture(picture: Picture) -> RecordedCall:
    """Return the entry of a picture: its hash as the request, and the file in base64 as the reply."""
    request = json.dumps({"sha256": picture.sha256})
    key = hashlib.sha256(request.encode()).hexdigest()
    return RecordedCall(EntryKind.PICTURE, key, request, json.dumps({"png": b64encode(picture.png).decode()}))


def _entry(row: tuple[str, str, str, str]) -> RecordedCall:
    return RecordedCall(EntryKind(row[0]), *row[1:])
