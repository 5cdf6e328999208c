"""The journal: an append-only, hash-chained list of events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from ...domain.errors import ChainBroken, SchemaMismatch
from ..model.entries import Entry
from ..model.events import Event
from .codec import read_event, schema_of, write_event

SCHEMA_VERSION = 6
"""The newest journal schema. Each row names the oldest schema that has all fields set in its event."""

HASH_VERSION = 1
GENESIS = "0" * 64
VERSIONS = {schema: f"{HASH_VERSION}\n{schema}" for schema in range(1, SCHEMA_VERSION + 1)}


class JournalRow(NamedTuple):
    """One row: its number from 1, the canonical JSON, and the hash over previous hash, versions, number and JSON.

    It is a tuple because it is passed to the database driver unchanged.
    """

    seq: int
    body: str
    hash: str
    schema_version: int
    hash_version: int = HASH_VERSION


def row_hash(previous: str, seq: int, body: str, schema: int) -> str:
    """Return the SHA-256 of a row that follows the row with hash `previous`."""
    return sha256(f"{previous}\n{VERSIONS.get(schema)}\n{seq}\n{body}".encode()).hexdigest()


def write_rows(events: Iterable[Event], *, after: int, head: str) -> Iterator[JournalRow]:
    """Yield the rows of `events`, numbered after row `after` and chained to its hash `head`."""
    for seq, event in enumerate(events, after + 1):
        body, schema = write_event(event), schema_of(event)
        head = row_hash(head, seq, body, schema)
        yield JournalRow(seq, body, head, schema)


def read_rows(rows: Iterable[JournalRow]) -> Iterator[Event]:
    """Yield the events of all rows; raises ChainBroken at the first gap or altered row.

    Raises SchemaMismatch for a row of a newer version.
    """
    return read_rows_after(rows, 0, GENESIS)


def read_rows_after(rows: Iterable[JournalRow], seq: int, head: str) -> Iterator[Event]:
    """Yield the events of the rows that follow row `seq` with hash `head`; raises like `read_rows`."""
    for place, row in enumerate(rows, seq + 1):
        if row.schema_version > SCHEMA_VERSION or row.hash_version > HASH_VERSION:
            raise SchemaMismatch("the journal was written by a newer version; upgrade before opening it")
        if row.seq != place:
            raise ChainBroken(f"row {place} of the journal is missing; restore the account from a backup")
        head = row_hash(head, row.seq, row.body, row.schema_version)
        if (head, HASH_VERSION) != (row.hash, row.hash_version):
            raise ChainBroken(f"row {row.seq} of the journal was altered; restore the account from a backup")
        yield _event(row)


def _event(row: JournalRow) -> Event:
    try:
        event = read_event(row.body)
    except Exception as error:
        raise ChainBroken(f"row {row.seq} of the journal cannot be read: {error}") from error
    if schema_of(event) != row.schema_version:
        raise ChainBroken(f"row {row.seq} of the journal does not match its schema version; restore a backup")
    return event


@dataclass(slots=True)
class Journal:
    """Events and their entries, in memory."""

    events: list[Event] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """Return the number of the last event."""
        return len(self.events)

    def entries_after(self, seq: int) -> list[Entry]:
        """Return the entries of the events numbered above `seq`."""
        place = len(self.entries)
        while place and self.entries[place - 1].seq > seq:
            place -= 1
        return self.entries[place:]

    def rows(self) -> Iterator[JournalRow]:
        """Yield all events as hash-chained rows."""
        return write_rows(self.events, after=0, head=GENESIS)
