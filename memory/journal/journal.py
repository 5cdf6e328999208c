"""The journal: an append-only list of records and events in SQLite. All other state is derived from it."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...storage.sqlite import SqliteFile
from ..record import (
    Event,
    MemoryId,
    Namespace,
    Record,
)
from ..timestamps import to_micros
from .codec import COLUMNS, read_record, write_content, write_record
from .schema import SCHEMA
from .variants import VARIANT_COLUMNS, Variant, resolved

FILE = "journal.db"
HEAD = (
    "SELECT max(coalesce((SELECT max(seq) FROM records), 0), coalesce((SELECT max(seq) FROM events), 0), "
    "coalesce((SELECT max(seq) FROM variants), 0))"
)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """Row, namespace and timestamps (microseconds) of a stored record."""

    seq: int
    space: int
    available_at: int
    learned_at: int


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """Row of a namespace. A branch has its parent namespace and `fork_seq`, the last parent row visible to it."""

    id: int
    namespace: Namespace
    parent: int | None
    fork_seq: int | None


class MemoryJournal:
    """One SQLite file in `folder`. Any number of processes may read; only the holder of the writer lock may write."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file; raises ConfigError when it is damaged, no such journal, or of a newer version."""
        self._file = SqliteFile(folder / FILE, "the memory", SCHEMA, synchronous="FULL")
        self._spaces: dict[int, NamespaceRow] = {}

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection to the file; used within `transaction`."""
        return self._file.connection

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Write all or nothing; raises ConfigError, with nothing written, if the file cannot be written."""
        return self._file.writing()

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return all rows of a query."""
        return self._file.rows(statement, parameters)

    def head(self) -> int:
        """Return the number of the last row; zero if the journal is empty."""
        return int(self.rows(HEAD)[0][0])

    def add_space(self, namespace: Namespace, parent: int | None = None, fork_seq: int | None = None) -> int:
        """Return the row id of `namespace`, inserting it if it is new. Call within a transaction."""
        if (found := self.space(namespace)) is not None:
            return found.id
        names = (namespace.workspace, namespace.run, namespace.branch, namespace.agent)
        insert = "INSERT INTO spaces (workspace, run, branch, agent, parent, fork_seq) VALUES (?, ?, ?, ?, ?, ?)"
        return int(self.connection.execute(insert, (*names, parent, fork_seq)).lastrowid or 0)

    def spaces(self) -> tuple[NamespaceRow, ...]:
        """Return all namespaces in order of first use."""
        query = "SELECT id, workspace, run, branch, agent, parent, fork_seq FROM spaces ORDER BY id"
        return tuple(NamespaceRow(row[0], Namespace(*row[1:5]), row[5], row[6]) for row in self.rows(query))

    def space(self, namespace: Namespace) -> NamespaceRow | None:
        """Return the row of `namespace`, or None if nothing was written to it."""
        return next((space for space in self.spaces() if space.namespace == namespace), None)

    def namespace(self, space: int) -> Namespace:
        """Return the namespace with row id `space`."""
        if space not in self._spaces:
            self._spaces = {each.id: each for each in self.spaces()}
        return self._spaces[space].namespace

    def known(self, ids: Iterable[MemoryId]) -> dict[MemoryId, RecordHeader]:
        """Return the headers of those `ids` that are in the journal."""
        found: dict[MemoryId, RecordHeader] = {}
        wanted = sorted(set(ids))
        for first in range(0, len(wanted), _CHUNK):
            part = wanted[first : first + _CHUNK]
            marks = ", ".join("?" * len(part))
            query = f"SELECT id, seq, space, available_at, learned_at FROM records WHERE id IN ({marks})"  # noqa: S608
            found |= {row[0]: RecordHeader(*row[1:]) for row in self.rows(query, part)}
        return found

    def add_record(self, seq: int, record: Record, space: int) -> None:
        """Append one record. Call within a transaction."""
        marks = ", ".join("?" * (1 + COLUMNS.count(",") + 1))
        insert = f"INSERT INTO records (seq, {COLUMNS}) VALUES ({marks})"  # noqa: S608 -- internal column names
        self.connection.execute(insert, (seq, *write_record(record, space)))

    def add_event(self, seq: int, event: Event, record: int, space: int) -> bool:
        """Append one event and return whether it is new. Call within a transaction."""
        insert = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"
        row = (seq, record, space, event.change.value, to_micros(event.effective_at), event.cause, float(event.gain))
        return self.connection.execute(insert, row).rowcount > 0

    def add_variant(self, seq: int, record: Record, header: RecordHeader) -> None:
        """Append other content of the record with `header`. Call within a transaction."""
        insert = f"INSERT INTO variants ({VARIANT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        self.connection.execute(insert, (seq, header.seq, header.space, *write_content(record)))

    def variants(self, seqs: Sequence[int]) -> list[Variant]:
        """Return the variants of the records with rows `seqs`."""
        found: list[Variant] = []
        for first in range(0, len(seqs), _CHUNK):
            part = seqs[first : first + _CHUNK]
            marks = ", ".join("?" * len(part))
            query = f"SELECT {VARIANT_COLUMNS} FROM variants WHERE record IN ({marks})"  # noqa: S608
            found += [Variant.of(row) for row in self.rows(query, part)]
        return found

    def select(self, columns: str, seqs: Sequence[int]) -> list[Any]:
        """Return `columns` of the records with rows `seqs`; `columns` must not contain user input."""
        found: list[Any] = []
        for first in range(0, len(seqs), _CHUNK):
            part = seqs[first : first + _CHUNK]
            query = f"SELECT {columns} FROM records WHERE seq IN ({', '.join('?' * len(part))})"  # noqa: S608
            found += self.rows(query, part)
        return found

    def record(self, seq: int) -> Record:
        """Return the record with row `seq`, with its current content."""
        return resolved(self.records_by_row([seq]), self.variants([seq]))[seq]

    def records_by_row(self, seqs: Sequence[int]) -> dict[int, Record]:
        """Return the records with rows `seqs` as they were first written, by row."""
        rows = self.select(f"{COLUMNS}, seq", seqs)
        return {row[-1]: read_record(row[:-1], self.namespace(row[1])) for row in rows}

    def records(
        self, where: str, parameters: Sequence[Any] = (), limits: Mapping[int, int] | None = None
    ) -> list[Record]:
        """Return the records that match the SQL condition `where`, oldest first; it must not contain user input.

        Their content is that of the journal row that `limits` gives for their namespace, or the current one.
        """
        query = f"SELECT {COLUMNS}, seq FROM records WHERE {where} ORDER BY available_at, id"  # noqa: S608
        rows = self.rows(query, parameters)
        found = {row[-1]: read_record(row[:-1], self.namespace(row[1])) for row in rows}
        return list(resolved(found, self.variants(list(found)), limits).values())
