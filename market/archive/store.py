"""Append-only SQLite archive of rows and fetches, safe for concurrent processes."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...storage.sqlite import SqliteFile
from ..folder.layout import DatasetKind
from ..vendors.port import VendorRow
from .answered import RowMoment, is_late
from .fetch_log import FetchLog, FetchOutcome
from .row_identity import (
    canonical_json,
    content_hash,
    earliest_known_at,
    identity,
)
from .schema import FETCH_COLUMNS, ROW_COLUMNS, SCHEMA

_ADD_FETCH = f"""
INSERT INTO fetches ({", ".join(FETCH_COLUMNS)}) VALUES ({", ".join(f":{name}" for name in FETCH_COLUMNS)})
"""  # noqa: S608 -- column names of this package
_ADD_ROW = f"""
INSERT INTO rows ("fetch", {", ".join(ROW_COLUMNS)}) VALUES (:fetch, {", ".join(f":{name}" for name in ROW_COLUMNS)})
"""  # noqa: S608 -- column names of this package
_ROWS = f"""
SELECT id, {", ".join(ROW_COLUMNS)} FROM rows WHERE kind = ? AND key = ? ORDER BY id
"""  # noqa: S608 -- column names of this package
_FETCHES = f"""
SELECT id, {", ".join(FETCH_COLUMNS)} FROM fetches WHERE kind = ? AND key = ? AND id > ? ORDER BY id
"""  # noqa: S608 -- column names of this package
_LAST_HASH = """
SELECT hash FROM rows WHERE kind = ? AND key = ? AND origin = ? AND identity = ? ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """One archived row. `seen_at` is None if it is known from its own timestamp; `number` is unique over all rows."""

    number: int
    kind: DatasetKind
    key: str
    origin: str
    identity: str
    cells: str
    hash: str
    fetched_at: datetime
    seen_at: datetime | None


class Archive:
    """Archive of fetched rows. Every method is one transaction; on return, its writes survive a killed process."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError when it is no archive, of a newer version, or cannot be used."""
        self._file = SqliteFile(path, "the archive", SCHEMA)

    def add(self, fetch: FetchLog, records: Sequence[VendorRow] = (), moments: Sequence[RowMoment | None] = ()) -> int:
        """Write down a fetch with its rows, and return how many rows are new.

        A row that the vendor has given before adds nothing; one that differs from the vendor's last is a new version.
        A row is known from its own moment where it is dated, new, and of a window that was not answered for before;
        else from the moment of the fetch, so that nothing that turns up late changes what was answered before.
        `moments` are those of the records, where their reader knows them more exactly than their cells state.
        """
        with self._file.writing() as connection:
            number = connection.execute(_ADD_FETCH, _flat(fetch)).lastrowid or 0
            before = (
                [_fetch(row) for row in connection.execute(_FETCHES, (fetch.kind, fetch.key, 0))] if records else []
            )
            earlier = [each for each in before if each.number != number]
            pairs = zip(records, moments, strict=True) if moments else ((each, _moment(each)) for each in records)
            return sum(
                self._add(connection, number, fetch, record, moment is None or is_late(earlier, fetch, moment))
                for record, moment in pairs
            )

    def _add(self, connection: sqlite3.Connection, number: int, fetch: FetchLog, record: VendorRow, late: bool) -> bool:
        text, same = canonical_json(record.cells), identity(record.kind, record.cells)
        digest, last = content_hash(text), _last_hash(connection, fetch, same)
        if digest == last:
            return False
        late = late or last is not None or not record.dated or _is_late_row(fetch, record)
        row = {"fetch": number, "kind": fetch.kind, "key": fetch.key, "origin": fetch.origin, "identity": same}
        row |= {"cells": text, "hash": digest, "fetched_at": _text(fetch.asked_at)}
        connection.execute(_ADD_ROW, row | {"seen_at": _text(fetch.asked_at) if late else None})
        return True

    def rows(self, kind: DatasetKind, key: str) -> tuple[ArchivedRow, ...]:
        """Return all rows of `key`, of whatever vendor, in the order in which they were added."""
        return tuple(_held(row) for row in self._file.rows(_ROWS, (kind, key)))

    def newest(self, kind: DatasetKind, key: str) -> int:
        """Return the number of the newest row of `key`, 0 where there is none."""
        rows = self._file.rows("SELECT max(id) FROM rows WHERE kind = ? AND key = ?", (kind, key))
        return rows[0][0] or 0

    def keys(self, kind: DatasetKind) -> tuple[str, ...]:
        """Return every ticker, or series, with rows of `kind`, sorted."""
        rows = self._file.rows("SELECT DISTINCT key FROM rows WHERE kind = ? ORDER BY key", (kind,))
        return tuple(row[0] for row in rows)

    def fetches(self, kind: DatasetKind, key: str, *, after: int = 0) -> tuple[FetchLog, ...]:
        """Return every question about `key` whose number is above `after`, in the order in which they were answered."""
        return tuple(_fetch(row) for row in self._file.rows(_FETCHES, (kind, key, after)))

    def asked(self) -> tuple[tuple[DatasetKind, str], ...]:
        """Return every kind and key that anybody was asked about, sorted."""
        rows = self._file.rows("SELECT DISTINCT kind, key FROM fetches ORDER BY kind, key")
        return tuple((DatasetKind(kind), key) for kind, key in rows)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


_TO_THE_MINUTE = frozenset(
    {DatasetKind.NEWS, DatasetKind.FUNDAMENTALS, DatasetKind.FILING_TEXTS, DatasetKind.PRICES_HOURLY}
)
"""Kinds whose rows have a time of day, so that a row may be late within its day."""


def _is_late_row(fetch: FetchLog, record: VendorRow) -> bool:
    """Return whether a row is before the window of its fetch, in a period that was covered before."""
    known = earliest_known_at(record.kind, record.cells)
    if known is None:
        return True
    return known < fetch.since if fetch.kind in _TO_THE_MINUTE else known.date() < fetch.since.date()


def _moment(record: VendorRow) -> RowMoment | None:
    known = earliest_known_at(record.kind, record.cells)
    return None if known is None else RowMoment(known, known)


def _last_hash(connection: sqlite3.Connection, fetch: FetchLog, same: str) -> str | None:
    row = connection.execute(_LAST_HASH, (fetch.kind, fetch.key, fetch.origin, same)).fetchone()
    return None if row is None else str(row[0])


def _text(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).isoformat()


def _flat(fetch: FetchLog) -> dict[str, object]:
    moments = {name: _text(getattr(fetch, name)) for name in ("since", "until", "asked_at", "reach")}
    words = {name: getattr(fetch, name) for name in ("kind", "key", "origin", "outcome", "rows", "reason")}
    return {**moments, **words}


def _fetch(row: Sequence[Any]) -> FetchLog:
    number, kind, key, origin, since, until, asked_at, outcome, rows, reach, reason = row
    return FetchLog(
        kind=DatasetKind(kind),
        key=key,
        origin=origin,
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        asked_at=datetime.fromisoformat(asked_at),
        outcome=FetchOutcome(outcome),
        reach=datetime.fromisoformat(reach),
        rows=rows,
        reason=reason,
        number=number,
    )


def _held(row: Sequence[Any]) -> ArchivedRow:
    number, kind, key, origin, same, cells, digest, fetched_at, seen_at = row
    return ArchivedRow(
        number,
        DatasetKind(kind),
        key,
        origin,
        same,
        cells,
        digest,
        datetime.fromisoformat(fetched_at),
        datetime.fromisoformat(seen_at) if seen_at else None,
    )
