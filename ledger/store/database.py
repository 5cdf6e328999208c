"""The database behind the accounts: opened, brought to the present version, and its failures put in one sentence."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from ...domain.errors import (
    ConfigError,
    LedgerError,
    SchemaMismatch,
    StoreLocked,
)
from ...storage.sqlite import enable_wal
from .read_only import connect_to_read, unwritable

VERSION = "0002"
BUSY_SECONDS = 30


class Sync(StrEnum):
    """When SQLite calls a commit done: FULL survives a power cut, NORMAL may lose the last commits to one."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class Cursor(Protocol):
    """The part of a driver's cursor that the hot path uses."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Any: ...

    def executemany(self, statement: str, rows: Any, /) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Any: ...


@dataclass(slots=True)
class Database:
    """One database and one connection to it; statements are written with `?`."""

    engine: Engine
    _link: Any = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def cursor(self) -> Cursor:
        """Return a cursor of the raw driver on the one connection that this process writes with."""
        if self._link is None:
            self._link = self.engine.raw_connection()
        cursor: Cursor = self._link.driver_connection.cursor()
        return cursor

    def sql(self, statement: str) -> str:
        """Return a statement in the parameter style of the driver."""
        return statement if self.is_sqlite else statement.replace("?", "%s")

    @contextmanager
    def transaction(self, account: str) -> Iterator[Cursor]:
        """Hold the one right to write `account`: commit at the end, roll back on any error."""
        with translate_database_errors():
            cursor = self.cursor()
            try:
                if self.is_sqlite:
                    cursor.execute("BEGIN IMMEDIATE")
                else:
                    cursor.execute("BEGIN")
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (lock_number(account),))
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                self._roll_back(cursor)
                raise

    @contextmanager
    def snapshot(self) -> Iterator[Cursor]:
        """Read everything as it was at one moment, while others go on writing."""
        with translate_database_errors():
            cursor = self.cursor()
            try:
                cursor.execute("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield cursor
            finally:
                self._roll_back(cursor)

    def _roll_back(self, cursor: Cursor) -> None:
        """Undo; where even that fails, drop the connection, which undoes as well."""
        try:
            cursor.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 -- drivers differ, and the first error is the one to report
            self.close()

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        link, self._link = self._link, None
        if link is not None:
            link.invalidate()
        self.engine.dispose()


def lock_number(account: str) -> int:
    """Return the number of the advisory lock that guards an account."""
    return 0x6F6F << 32 | zlib.crc32(account.encode())


def open_database(url: str, *, sync: Sync = Sync.FULL, reading: bool = False) -> Database:
    """Open the database at `url`, with its tables at the present version.

    With `reading`, a file without write permission can be opened too. Raises ConfigError for a bad URL, SchemaMismatch
    for a database of a newer version, LedgerError when it cannot be used.
    """
    try:
        parsed = make_url(url)
        if reading and (locked := unwritable(parsed)) is not None:
            return _opened_as_it_is(locked)
        engine = create_engine(parsed, poolclass=NullPool, connect_args=_arguments(parsed.get_backend_name()))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(f"{url!r} is no usable database URL ({error}); try sqlite:///book.db") from error
    _listen(engine, sync)
    database = Database(engine)
    with translate_database_errors():
        _upgrade(engine)
    return database


def _opened_as_it_is(path: Path) -> Database:
    """Open a file that cannot be written; raises SchemaMismatch unless its tables are of the present version."""
    engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: connect_to_read(path))
    with translate_database_errors(), engine.connect() as connection:
        found = _version(connection)
    if found != VERSION:
        raise SchemaMismatch(
            f"{path} is of version {found}, this program reads {VERSION} and cannot change the file; copy it to where "
            "it can be written"
        )
    return Database(engine)


def _arguments(backend: str) -> dict[str, object]:
    if backend == "sqlite":
        return {"timeout": BUSY_SECONDS, "isolation_level": None, "cached_statements": 128}
    if backend == "postgresql":
        return {"autocommit": True}
    raise ArgumentError(f"{backend} is not supported; use sqlite or postgresql")


def _listen(engine: Engine, sync: Sync) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        enable_wal(cursor.execute)
        cursor.execute(f"PRAGMA synchronous={sync.value}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(engine: Engine) -> None:
    """Bring the tables to VERSION in one transaction; alembic is loaded only when there is something to do."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("BEGIN"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock_number("migrations")})
        found = _version(connection)
        if found is not None and found > VERSION:
            raise SchemaMismatch(
                f"the database is of version {found}, this program knows {VERSION}; upgrade OpenOutcry to open it"
            )
        if found != VERSION:
            _migrate(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("COMMIT"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 -- only a new or an old database needs it
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files(f"{__package__.rsplit('.', 1)[0]}.migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, VERSION)


LOCKED = "locked"
CAUSES = (
    (LOCKED, "another process is writing to the database; try again when it is done"),
    ("full", "the disk is full; free some space and repeat the command"),
    ("malformed", "the database is damaged; restore it from a backup"),
    ("not a database", "the file is no database of ours, or is damaged; restore it from a backup"),
    ("readonly", "the database cannot be written; check the permissions of the file and its folder"),
    ("unable to open", "the database file cannot be opened; check the path and its permissions"),
    ("disk i/o error", "the database file cannot be read or written; check the disk, or restore a backup"),
    ("connection", "the database server cannot be reached; start it, or check the URL"),
    ("append-only", "the journal is append-only; nothing was changed"),
)


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Turn what a driver says into a LedgerError, or StoreLocked, with cause and remedy; nothing was booked then."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(error.orig or error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("sqlite3", "psycopg"):
            raise _plain(error) from error
        raise


def _plain(error: BaseException) -> LedgerError | StoreLocked:
    said = str(error).strip().replace("\n", " ")
    for sign, sentence in CAUSES:
        if sign in said.lower():
            return (StoreLocked if sign == LOCKED else LedgerError)(f"{sentence} ({said})")
    return LedgerError(f"the database refused, and nothing was booked: {said}")
