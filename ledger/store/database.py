"""The database behind the accounts: one connection, transactions, and driver errors in one sentence.

A SQLite file is opened with the standard library; SQLAlchemy is loaded for PostgreSQL and to change the schema.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from ...domain.errors import LedgerError, LedgerUnreachable, StoreLocked

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
    """One database and one connection to it; statements are written with `?`.

    Attributes:
        url: the address of the database, without a password.
        is_sqlite: whether it is a SQLite file; otherwise it is PostgreSQL.
        connect: opens another driver connection in autocommit mode.
    """

    url: str
    is_sqlite: bool
    connect: Callable[[], Any]
    _connection: Any = None

    def cursor(self) -> Cursor:
        """Return a cursor on the one connection that this process writes with."""
        if self._is_lost():
            self.close()
        if self._connection is None:
            self._connection = self.connect()
        cursor: Cursor = self._connection.cursor()
        return cursor

    def sql(self, statement: str) -> str:
        """Return `statement` in the driver's parameter style."""
        return statement if self.is_sqlite else statement.replace("?", "%s")

    @contextmanager
    def transaction(self, account: str) -> Iterator[Cursor]:
        """Lock `account` for writing; commit at the end of the block, roll back on any error."""
        with translate_database_errors():
            cursor = self.execute_first("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                if not self.is_sqlite:
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
            cursor = self.execute_first(
                "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            )
            try:
                yield cursor
            finally:
                self._roll_back(cursor)

    def execute_first(self, statement: str, parameters: tuple[object, ...] = ()) -> Cursor:
        """Execute the first statement of a transaction, or a single statement, and return its cursor.

        It is executed again on a new connection if the server has closed the present one since its last use.
        """
        cursor = self.cursor()
        try:
            cursor.execute(statement, parameters)
        except Exception:
            if not self._is_lost():
                self._roll_back(cursor)
                raise
            cursor = self.cursor()
            cursor.execute(statement, parameters)
        return cursor

    def _is_lost(self) -> bool:
        """Return whether the server has closed the connection; a file has no server."""
        return self._connection is not None and not self.is_sqlite and bool(self._connection.closed)

    def _roll_back(self, cursor: Cursor) -> None:
        """Roll back; if that fails, close the connection, which also rolls back."""
        try:
            cursor.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 -- drivers differ, and the first error is the one to report
            self.close()

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def lock_number(account: str) -> int:
    """Return the id of the PostgreSQL advisory lock of an account."""
    return 0x6F6F << 32 | zlib.crc32(account.encode())


LOCKED, UNREACHABLE = "locked", "connection"
CAUSES = (
    (LOCKED, "another process is writing to the database; try again when it is done"),
    ("full", "the disk is full; free some space and repeat the command"),
    ("malformed", "the database is damaged; restore it from a backup"),
    ("not a database", "the file is not a database, or is damaged; restore it from a backup"),
    ("readonly", "the database cannot be written; check the permissions of the file and its folder"),
    ("unable to open", "the database file cannot be opened; check the path and its permissions"),
    ("disk i/o error", "the database file cannot be read or written; check the disk, or restore a backup"),
    (UNREACHABLE, "the database server cannot be reached; start it, or check the URL"),
    ("append-only", "the journal is append-only; nothing was changed"),
)

KINDS: Mapping[str, type[LedgerError | StoreLocked]] = {LOCKED: StoreLocked, UNREACHABLE: LedgerUnreachable}


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Translate driver errors to LedgerError or StoreLocked with cause and remedy. The transaction was rolled back."""
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps the error of the driver
        if type(cause).__module__.partition(".")[0] in ("sqlite3", "psycopg"):
            raise _plain(cause) from error
        raise


def _plain(error: BaseException) -> LedgerError | StoreLocked:
    message = str(error).strip().replace("\n", " ")
    for sign, sentence in CAUSES:
        if sign in message.lower():
            return KINDS.get(sign, LedgerError)(f"{sentence} ({message})")
    return LedgerError(f"the database reported an error, nothing was booked: {message}")
