"""The database of the accounts: opening, migrations, transactions and error messages."""

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
    """The `synchronous` setting of SQLite: FULL survives a power failure, NORMAL may lose the last commits."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class Cursor(Protocol):
    """The methods of a driver's cursor that the store uses."""

    def execute(self, statement: str, parameters: Any = ..., /) -> Any: ...

    def executemany(self, statement: str, rows: Any, /) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Any: ...


@dataclass(slots=True)
class Database:
    """One database with one connection. Statements use `?` as placeholder."""

    engine: Engine
    _link: Any = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def cursor(self) -> Cursor:
        """Return a driver cursor on this process's connection, opening the connection if necessary."""
        if self._link is None:
            self._link = self.engine.raw_connection()
        cursor: Cursor = self._link.driver_connection.cursor()
        return cursor

    def sql(self, statement: str) -> str:
        """Return `statement` in the driver's parameter style."""
        return statement if self.is_sqlite else statement.replace("?", "%s")

    @contextmanager
    def transaction(self, account: str) -> Iterator[Cursor]:
        """Lock `account` for writing; commit at the end of the block, roll back on any error."""
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
        """Open a consistent read-only snapshot while other processes write."""
        with translate_database_errors():
            cursor = self.cursor()
            try:
                cursor.execute("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield cursor
            finally:
                self._roll_back(cursor)

    def _roll_back(self, cursor: Cursor) -> None:
        """Roll back; if that fails, close the connection, which also rolls back."""
        try:
            cursor.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 -- drivers differ, and the first error is the one to report
            self.close()

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        link, self._link = self._link, None
        if link is not None:
            link.invalidate()
        self.engine.dispose()


def lock_number(account: str) -> int:
    """Return the id of the PostgreSQL advisory lock of an account."""
    return 0x6F6F << 32 | zlib.crc32(account.encode())


def open_database(url: str, *, sync: Sync = Sync.FULL, reading: bool = False) -> Database:
    """Open the database at `url` and migrate its tables to VERSION.

    With `reading`, a file without write permission can be opened too. Raises ConfigError for an invalid URL,
    SchemaMismatch for a database of a newer version, and LedgerError when the database cannot be used.
    """
    try:
        parsed = make_url(url)
        if reading and (locked := unwritable(parsed)) is not None:
            return _opened_as_it_is(locked)
        engine = create_engine(parsed, poolclass=NullPool, connect_args=_arguments(parsed.get_backend_name()))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(f"{url!r} is not a usable database URL ({error}); try sqlite:///book.db") from error
    _listen(engine, sync)
    database = Database(engine)
    with translate_database_errors():
        _upgrade(engine)
    return database


def _opened_as_it_is(path: Path) -> Database:
    """Open a file that cannot be written; raises SchemaMismatch unless its tables have the version VERSION."""
    engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: connect_to_read(path))
    with translate_database_errors(), engine.connect() as connection:
        found = _version(connection)
    if found != VERSION:
        raise SchemaMismatch(
            f"{path} has version {found}, this program reads {VERSION} and cannot migrate the file; copy it to a "
            "writable folder"
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
    """Migrate the tables to VERSION in one transaction; alembic is imported only for a migration."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("BEGIN"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock_number("migrations")})
        found = _version(connection)
        if found is not None and found > VERSION:
            raise SchemaMismatch(
                f"the database has version {found}, this program supports {VERSION}; upgrade OpenOutcry to open it"
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
    from alembic import command  # noqa: PLC0415 -- needed only for new and outdated databases
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
    ("not a database", "the file is not a database, or is damaged; restore it from a backup"),
    ("readonly", "the database cannot be written; check the permissions of the file and its folder"),
    ("unable to open", "the database file cannot be opened; check the path and its permissions"),
    ("disk i/o error", "the database file cannot be read or written; check the disk, or restore a backup"),
    ("connection", "the database server cannot be reached; start it, or check the URL"),
    ("append-only", "the journal is append-only; nothing was changed"),
)


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Translate driver errors to LedgerError or StoreLocked with cause and remedy. The transaction was rolled back."""
    try:
        yield
    except DBAPIError as error:
        raise _plain(error.orig or error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("sqlite3", "psycopg"):
            raise _plain(error) from error
        raise


def _plain(error: BaseException) -> LedgerError | StoreLocked:
    message = str(error).strip().replace("\n", " ")
    for sign, sentence in CAUSES:
        if sign in message.lower():
            return (StoreLocked if sign == LOCKED else LedgerError)(f"{sentence} ({message})")
    return LedgerError(f"the database reported an error, nothing was booked: {message}")
