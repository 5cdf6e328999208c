"""The archive in SQLite: rows and fetches, only ever added to, by any number of processes at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from ...domain.errors import ConfigError
from ..folder.layout import Kind
from ..vendors.port import Record
from .identity import canonical, content_hash, could_be_known, identity

SCHEMA_VERSION = 1
BUSY_SECONDS = 30
_META = MetaData()
_FETCHES = Table(
    "fetches",
    _META,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("since", String, nullable=False),
    Column("until", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("reach", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("fetches_by_key", "kind", "key"),
    sqlite_autoincrement=True,
)
_ROWS = Table(
    "rows",
    _META,
    Column("id", Integer, primary_key=True),
    Column("fetch", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("identity", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("hash", String, nullable=False),
    Column("fetched_at", String, nullable=False),
    Column("seen_at", String),
    Index("rows_by_key", "kind", "key"),
    Index("rows_by_identity", "kind", "key", "origin", "identity"),
    sqlite_autoincrement=True,
)


class Outcome(StrEnum):
    """How a question to a vendor ended."""

    ROWS = "rows"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One question to one vendor and how it ended.

    Attributes:
        since, until: the window that the answer is for; nobody had answered for it before.
        reach: up to where the answer settles that window: a row that turns up later was not there.
        reason: why there was no answer; empty where there was one.
    """

    kind: Kind
    key: str
    origin: str
    since: datetime
    until: datetime
    asked_at: datetime
    outcome: Outcome
    reach: datetime
    rows: int = 0
    reason: str = ""

    @property
    def answered(self) -> bool:
        """Whether the vendor told all that it has."""
        return self.outcome in (Outcome.ROWS, Outcome.NOTHING)

    @property
    def failed(self) -> bool:
        """Whether the vendor could not be asked, or was not understood."""
        return self.outcome in (Outcome.UNAVAILABLE, Outcome.BAD)


@dataclass(frozen=True, slots=True)
class Held:
    """One archived row. `seen_at` is None where it is known from its own moment; `number` counts all rows."""

    number: int
    kind: Kind
    key: str
    origin: str
    identity: str
    cells: str
    hash: str
    fetched_at: datetime
    seen_at: datetime | None


class Archive:
    """Keeps what was fetched. Every method is one transaction, durable against a killed process when it returns."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError when it is no archive, of a newer version, or cannot be used."""
        self._path = path
        self._engine = _engine(path)
        with self._plain_errors():
            _prepare(self._engine, path)

    def add(self, fetch: Fetch, records: Sequence[Record] = ()) -> int:
        """Write down a fetch with its rows, and return how many rows are new.

        A row that the vendor has given before adds nothing; one that differs from the vendor's last is a new version.
        A row is known from its own moment where it is dated, new, and of the window that was asked for; else from the
        moment of the fetch, so that nothing that turns up late changes what was known before.
        """
        with self._writing() as connection:
            number = connection.execute(insert(_FETCHES), _flat(fetch)).inserted_primary_key[0]  # type: ignore[index]
            return sum(self._add(connection, number, fetch, record) for record in records)

    def _add(self, connection: Connection, number: int, fetch: Fetch, record: Record) -> bool:
        text, same = canonical(record.cells), identity(record.kind, record.cells)
        digest, last = content_hash(text), _last_hash(connection, fetch, same)
        if digest == last:
            return False
        late = last is not None or not record.dated or _late(fetch, record)
        row = {"fetch": number, "kind": fetch.kind, "key": fetch.key, "origin": fetch.origin, "identity": same}
        row |= {"cells": text, "hash": digest, "fetched_at": _text(fetch.asked_at)}
        connection.execute(insert(_ROWS), row | {"seen_at": _text(fetch.asked_at) if late else None})
        return True

    def rows(self, kind: Kind, key: str) -> tuple[Held, ...]:
        """Return all rows of `key`, of whatever vendor, in the order in which they were added."""
        query = select(*_ROWS.c).where(_ROWS.c.kind == kind, _ROWS.c.key == key).order_by(_ROWS.c.id)
        with self._reading() as connection:
            return tuple(_held(row) for row in connection.execute(query))

    def newest(self, kind: Kind, key: str) -> int:
        """Return the number of the newest row of `key`, 0 where there is none."""
        query = select(func.max(_ROWS.c.id)).where(_ROWS.c.kind == kind, _ROWS.c.key == key)
        with self._reading() as connection:
            return connection.execute(query).scalar() or 0

    def keys(self, kind: Kind) -> tuple[str, ...]:
        """Return every ticker, or series, with rows of `kind`, sorted."""
        query = select(_ROWS.c.key).where(_ROWS.c.kind == kind).distinct().order_by(_ROWS.c.key)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())

    def fetches(self, kind: Kind, key: str) -> tuple[Fetch, ...]:
        """Return every question about `key`, in the order in which they were answered."""
        query = select(*_FETCHES.c).where(_FETCHES.c.kind == kind, _FETCHES.c.key == key).order_by(_FETCHES.c.id)
        with self._reading() as connection:
            return tuple(_fetch(row) for row in connection.execute(query))

    def asked(self) -> tuple[tuple[Kind, str], ...]:
        """Return every kind and key that anybody was asked about, sorted."""
        query = select(_FETCHES.c.kind, _FETCHES.c.key).distinct().order_by(_FETCHES.c.kind, _FETCHES.c.key)
        with self._reading() as connection:
            return tuple((Kind(row.kind), row.key) for row in connection.execute(query))

    def close(self) -> None:
        """Let go of the file."""
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
        """Raise ConfigError with one sentence where the file does not take it; nothing is then written."""
        try:
            yield
        except DatabaseError as error:
            raise _unusable(self._path, error) from error


_TO_THE_MINUTE = frozenset({Kind.NEWS, Kind.FUNDAMENTALS, Kind.FILING_TEXTS, Kind.PRICES_HOURLY})
"""Kinds whose rows have a time of day, so that one may be late within a day."""


def _late(fetch: Fetch, record: Record) -> bool:
    """Say whether a row lies before the window of its fetch, where all had been told already."""
    known = could_be_known(record.kind, record.cells)
    if known is None:
        return True
    return known < fetch.since if fetch.kind in _TO_THE_MINUTE else known.date() < fetch.since.date()


def _last_hash(connection: Connection, fetch: Fetch, same: str) -> str | None:
    query = (
        select(_ROWS.c.hash)
        .where(_ROWS.c.kind == fetch.kind, _ROWS.c.key == fetch.key)
        .where(_ROWS.c.origin == fetch.origin, _ROWS.c.identity == same)
        .order_by(_ROWS.c.id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _engine(path: Path) -> Engine:
    arguments = {"timeout": BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _tune(connection: object, _: object) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    return engine


def _prepare(engine: Engine, path: Path) -> None:
    """Bring a new file to the present version; several processes may come at once."""
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version > SCHEMA_VERSION:
            raise ConfigError(f"the archive {path} was written by a newer version; upgrade openoutcry")
        if version == SCHEMA_VERSION:
            return
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _META.create_all(connection)
        for table in ("rows", "fetches"):
            for change in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'the archive is only added to'); END"
                )
        connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.exec_driver_sql("COMMIT")


def _unusable(path: Path, error: DatabaseError) -> ConfigError:
    said = str(error.orig)
    damaged = "not a database" in said or "malformed" in said
    remedy = "move it away to start anew" if damaged else "make room, or wait for who holds it, and try again"
    return ConfigError(f"the archive {path} cannot be used: {said}; {remedy}")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _flat(fetch: Fetch) -> dict[str, object]:
    moments = {name: _text(getattr(fetch, name)) for name in ("since", "until", "asked_at", "reach")}
    words = {name: getattr(fetch, name) for name in ("kind", "key", "origin", "outcome", "rows", "reason")}
    return {**moments, **words}


def _fetch(row: Row[tuple[object, ...]]) -> Fetch:
    moments = {name: datetime.fromisoformat(getattr(row, name)) for name in ("since", "until", "asked_at", "reach")}
    return Fetch(
        kind=Kind(row.kind),
        key=row.key,
        origin=row.origin,
        outcome=Outcome(row.outcome),
        rows=row.rows,
        reason=row.reason,
        **moments,
    )


def _held(row: Row[tuple[object, ...]]) -> Held:
    return Held(
        row.id,
        Kind(row.kind),
        row.key,
        row.origin,
        row.identity,
        row.cells,
        row.hash,
        datetime.fromisoformat(row.fetched_at),
        datetime.fromisoformat(row.seen_at) if row.seen_at else None,
    )
