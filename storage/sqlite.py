"""SQLite files: opened by several processes at a time, brought to the present schema, failures put in one sentence."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from ..domain.errors import ConfigError, StoreLocked

BUSY_TIMEOUT_S = 10

REMEDIES = (
    ("full", "make room on the disk and try again; nothing was lost"),
    ("locked", "another process is writing; try again when it is done"),
    ("readonly", "check the permissions of the file and its folder"),
    ("unable to open", "check the path and its permissions"),
    ("append-only", "nothing was changed"),
    ("not a database", "move it away to start anew, or restore it from a backup"),
    ("malformed", "move it away to start anew, or restore it from a backup"),
    ("disk i/o error", "check the disk, or restore it from a backup"),
)
"""Part of SQLite's message, and the remedy for it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a file.

    Attributes:
        version: the present version, stored as `user_version`.
        create: statements that create all tables; each leaves an existing table alone.
        upgrades: an older version to the statements that lead from it to the next.
    """

    version: int
    create: Sequence[str]
    upgrades: Mapping[int, Sequence[str]] = field(default_factory=dict)


class SqliteFile:
    """One file and one connection to it, which the threads of this process share.

    Attributes:
        path: the file.
        connection: the open connection, in autocommit mode; used within `writing` or `reading`.
    """

    def __init__(self, path: Path, what: str, schema: Schema, *, synchronous: str = "NORMAL") -> None:
        """Open or create the file; `what` names it in messages.

        Raises ConfigError if the file is damaged, holds other tables or was written by a newer version, and
        StoreLocked if another process holds it for longer than BUSY_TIMEOUT_S.
        """
        self.path, self._what, self._lock = path, what, RLock()
        with self._translated():
            self.connection = connect(path, synchronous)
            self._prepare(schema)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one write transaction: commit at the end, roll back on any error.

        Raises ConfigError or StoreLocked, with nothing written, if the file cannot be written.
        """
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection while no other thread uses it; errors of SQLite become ConfigError or StoreLocked."""
        with self._lock, self._translated():
            yield self.connection

    def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return all rows of a query."""
        with self.reading() as connection:
            return connection.execute(statement, parameters).fetchall()

    def vacuum(self) -> None:
        """Return unused space of the file to the disk; raises ConfigError or StoreLocked."""
        with self.reading() as connection:
            vacuum(connection)

    def _prepare(self, schema: Schema) -> None:
        if self._version(schema) == schema.version:
            return
        with self.writing() as connection:
            version = self._version(schema)  # another process may have prepared the file in between
            if version == schema.version:
                return
            if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise ConfigError(
                    f"{self.path} is another kind of database, not {self._what}; move it away to start anew"
                )
            steps = [step for old in range(version, schema.version) for step in schema.upgrades[old]] if version else []
            for statement in (*steps, *schema.create):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={schema.version}")

    def _version(self, schema: Schema) -> int:
        version = int(self.connection.execute("PRAGMA user_version").fetchone()[0])
        if version > schema.version:
            raise ConfigError(f"{self._what} {self.path} was written by a newer version; upgrade openoutcry")
        return version

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise storage_error(self._what, self.path, error) from error


def connect(path: Path, synchronous: str, *, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """Open a connection in autocommit mode with a write-ahead log; raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=timeout_s, isolation_level=None, check_same_thread=False, cached_statements=128
    )
    try:
        enable_wal(connection.execute)
        connection.execute(f"PRAGMA synchronous={synchronous}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def vacuum(connection: sqlite3.Connection) -> None:
    """Write the file anew without unused space and empty its write-ahead log; raises sqlite3.Error."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def append_only(table: str, message: str) -> tuple[str, ...]:
    """Return statements that create triggers which refuse every UPDATE and DELETE of `table` with `message`."""
    return tuple(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for change in ("UPDATE", "DELETE")
    )


def storage_error(what: str, path: Path, cause: object) -> ConfigError | StoreLocked:
    """Return the error for a file that cannot be used: `what` it is, its path, SQLite's message and the remedy.

    The error is StoreLocked if another process holds the file, and ConfigError otherwise.
    """
    words = str(cause)
    remedy = next((cure for sign, cure in REMEDIES if sign in words.lower()), "see the message, and try again")
    kind = StoreLocked if "locked" in words.lower() else ConfigError
    return kind(f"{what} {path} cannot be used: {words}; {remedy}")


class CursorResult(Protocol):
    """The result of a statement; a transaction can be committed only after it was read to its end."""

    def fetchall(self) -> Any: ...


def enable_wal(execute: Callable[[str], CursorResult]) -> None:
    """Turn on the write-ahead log, so that readers and the writer do not wait for each other.

    `execute` runs a statement on a connection to the file. If several processes open a new file, SQLite reports it as
    locked at once, whatever the timeout of the connection; the statement is repeated for BUSY_TIMEOUT_S.
    """
    if execute("PRAGMA journal_mode").fetchall()[0][0] == "wal":
        return
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random  # noqa: PLC0415 -- for --help

    asking = Retrying(
        retry=retry_if_exception(lambda error: "locked" in str(error)),
        wait=wait_random(0.005, 0.05),
        stop=stop_after_delay(BUSY_TIMEOUT_S),
        reraise=True,
    )
    asking(lambda: execute("PRAGMA journal_mode=WAL").fetchall())
