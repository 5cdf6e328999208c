"""Append-only SQLite archive of rows and fetches, safe for concurrent processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import DatabaseError

from ...storage.sqlite import storage_error
from ..folder.layout import DatasetKind
from ..vendors.port import VendorRow
from .database import (
    FETCHES,
    ROWS,
    open_engine,
    prepare,
)
from .row_identity import (
    canonical_json,
    content_hash,
    earliest_known_at,
    identity,
)


class FetchOutcome(StrEnum):
    """Outcome of a request to a vendor."""

    ROWS = "rows"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class FetchLog:
    """One request to one vendor and its outcome.

    Attributes:
        since: start of the requested window, which no vendor had covered before.
        until: end of the requested window.
        asked_at: time of the request.
        reach: end of the part of the window that the response covers; a row that appears there later is a late row.
        rows: number of rows in the response.
        reason: reason of a failure; empty if there was a response.
        number: increasing number in the log; 0 for an entry that is not archived yet.
    """

    kind: DatasetKind
    key: str
    origin: str
    since: datetime
    until: datetime
    asked_at: datetime
    outcome: FetchOutcome
    reach: datetime
    rows: int = 0
    reason: str = ""
    number: int = field(default=0, compare=False)

    @property
    def answered(self) -> bool:
        """Whether the vendor responded, with or without rows."""
        return self.outcome in (FetchOutcome.ROWS, FetchOutcome.NOTHING)

    @property
    def failed(self) -> bool:
        """Whether the vendor was unavailable or its response invalid."""
        return self.outcome in (FetchOutcome.UNAVAILABLE, FetchOutcome.BAD)


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
        """Open or create the file; raises ConfigError if it is not an archive, of a newer version, or unusable."""
        self._path = path
        self._engine = open_engine(path)
        with self._plain_errors():
            prepare(self._engine, path)

    def add(self, fetch: FetchLog, records: Sequence[VendorRow] = ()) -> int:
        """Add a fetch with its rows and return the number of new rows.

        A row equal to the last version of the same vendor is not added; a different one is added as a new version. A
        row is known from its own timestamp if it is dated, the first version, and within the requested window.
        Otherwise it is known from the fetch time, so that late rows do not change what was known before.
        """
        with self._writing() as connection:
            number = connection.execute(insert(FETCHES), _flat(fetch)).inserted_primary_key[0]  # type: ignore[index]
            return sum(self._add(connection, number, fetch, record) for record in records)

    def _add(self, connection: Connection, number: int, fetch: FetchLog, record: VendorRow) -> bool:
        text, same = canonical_json(record.cells), identity(record.kind, record.cells)
        digest, last = content_hash(text), _last_hash(connection, fetch, same)
        if digest == last:
            return False
        late = last is not None or not record.dated or _is_late_row(fetch, record)
        row = {"fetch": number, "kind": fetch.kind, "key": fetch.key, "origin": fetch.origin, "identity": same}
        row |= {"cells": text, "hash": digest, "fetched_at": _text(fetch.asked_at)}
        connection.execute(insert(ROWS), row | {"seen_at": _text(fetch.asked_at) if late else None})
        return True

    def rows(self, kind: DatasetKind, key: str) -> tuple[ArchivedRow, ...]:
        """Return all rows of `key` from all vendors, in the order in which they were added."""
        query = select(*ROWS.c).where(ROWS.c.kind == kind, ROWS.c.key == key).order_by(ROWS.c.id)
        with self._reading() as connection:
            return tuple(_held(row) for row in connection.execute(query))

    def newest(self, kind: DatasetKind, key: str) -> int:
        """Return the number of the newest row of `key`, 0 if there is none."""
        query = select(func.max(ROWS.c.id)).where(ROWS.c.kind == kind, ROWS.c.key == key)
        with self._reading() as connection:
            return connection.execute(query).scalar() or 0

    def keys(self, kind: DatasetKind) -> tuple[str, ...]:
        """Return every ticker or series with rows of `kind`, sorted."""
        query = select(ROWS.c.key).where(ROWS.c.kind == kind).distinct().order_by(ROWS.c.key)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())

    def fetches(self, kind: DatasetKind, key: str, *, after: int = 0) -> tuple[FetchLog, ...]:
        """Return the fetches of `key` with a number above `after`, in the order in which they were logged."""
        query = select(*FETCHES.c).where(FETCHES.c.kind == kind, FETCHES.c.key == key, FETCHES.c.id > after)
        query = query.order_by(FETCHES.c.id)
        with self._reading() as connection:
            return tuple(_fetch(row) for row in connection.execute(query))

    def asked(self) -> tuple[tuple[DatasetKind, str], ...]:
        """Return every kind and key with a logged fetch, sorted."""
        query = select(FETCHES.c.kind, FETCHES.c.key).distinct().order_by(FETCHES.c.kind, FETCHES.c.key)
        with self._reading() as connection:
            return tuple((DatasetKind(row.kind), row.key) for row in connection.execute(query))

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._plain_errors(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._plain_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Translate database errors to ConfigError; the transaction is rolled back."""
        try:
            yield
        except DatabaseError as error:
            raise storage_error("the archive", self._path, error.orig) from error


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


def _last_hash(connection: Connection, fetch: FetchLog, same: str) -> str | None:
    query = (
        select(ROWS.c.hash)
        .where(ROWS.c.kind == fetch.kind, ROWS.c.key == fetch.key)
        .where(ROWS.c.origin == fetch.origin, ROWS.c.identity == same)
        .order_by(ROWS.c.id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _text(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).isoformat()


def _flat(fetch: FetchLog) -> dict[str, object]:
    moments = {name: _text(getattr(fetch, name)) for name in ("since", "until", "asked_at", "reach")}
    words = {name: getattr(fetch, name) for name in ("kind", "key", "origin", "outcome", "rows", "reason")}
    return {**moments, **words}


def _fetch(row: Row[tuple[object, ...]]) -> FetchLog:
    moments = {name: datetime.fromisoformat(getattr(row, name)) for name in ("since", "until", "asked_at", "reach")}
    return FetchLog(
        kind=DatasetKind(row.kind),
        key=row.key,
        origin=row.origin,
        outcome=FetchOutcome(row.outcome),
        rows=row.rows,
        reason=row.reason,
        number=row.id,
        **moments,
    )


def _held(row: Row[tuple[object, ...]]) -> ArchivedRow:
    return ArchivedRow(
        row.id,
        DatasetKind(row.kind),
        row.key,
        row.origin,
        row.identity,
        row.cells,
        row.hash,
        datetime.fromisoformat(row.fetched_at),
        datetime.fromisoformat(row.seen_at) if row.seen_at else None,
    )
