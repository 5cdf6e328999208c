"""Open the database of the accounts by its URL, with its tables at the present version."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...domain.errors import SchemaMismatch
from ...storage.sqlite import connect
from .database import BUSY_SECONDS, Database, Sync, translate_database_errors
from .read_only import connect_to_read, is_unwritable

if TYPE_CHECKING:
    from sqlalchemy import Engine

VERSION = "0002"
SQLITE_URL = re.compile(r"sqlite(?:\+pysqlite)?:///([^?]+)")
HAS_VERSION = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"


def open_database(url: str, *, sync: Sync = Sync.FULL, reading: bool = False) -> Database:
    """Open the database at `url`: `sqlite:///PATH` or `postgresql+psycopg://...`.

    With `reading`, a file without write permission can be opened too. Raises ConfigError for a bad URL, SchemaMismatch
    for a database of a newer version, LedgerError when it cannot be used.
    """
    if found := SQLITE_URL.fullmatch(url):
        return _open_sqlite(Path(found[1]), url, sync, reading=reading)
    return _open_postgresql(url)


def _open_sqlite(path: Path, url: str, sync: Sync, *, reading: bool) -> Database:
    if reading and is_unwritable(path):
        return _open_unwritable(path, url)
    with translate_database_errors():
        connection = connect_to_write(path, sync)
        version = _version(connection)
        if version is not None and version > VERSION:
            connection.close()
            raise _newer(version)
    if version != VERSION:
        connection.close()
        from .upgrade import upgrade_sqlite  # noqa: PLC0415 -- SQLAlchemy; only a new or an old file needs it

        with translate_database_errors():
            upgrade_sqlite(lambda: connect_to_write(path, sync), VERSION)
            connection = connect_to_write(path, sync)
    return Database(url, is_sqlite=True, connect=lambda: connect_to_write(path, sync), _connection=connection)


def connect_to_write(path: Path, sync: Sync) -> sqlite3.Connection:
    """Return a connection to a SQLite file, in autocommit mode."""
    connection = connect(path, sync.value, timeout_s=BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _open_unwritable(path: Path, url: str) -> Database:
    """Open a file that cannot be written; raises SchemaMismatch unless its tables are of the present version."""
    with translate_database_errors():
        connection = connect_to_read(path)
        version = _version(connection)
    if version != VERSION:
        connection.close()
        raise SchemaMismatch(
            f"{path} has version {version}, this program reads {VERSION} and cannot migrate the file; copy it to a "
            "writable folder"
        )
    return Database(url, is_sqlite=True, connect=lambda: connect_to_read(path), _connection=connection)


def _version(connection: sqlite3.Connection) -> str | None:
    if not connection.execute(HAS_VERSION).fetchone()[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _open_postgresql(url: str) -> Database:
    from .upgrade import postgresql_engine, upgrade_postgresql  # noqa: PLC0415 -- SQLAlchemy

    engine = postgresql_engine(url)
    with translate_database_errors():
        found = upgrade_postgresql(engine, VERSION)
    if found is not None and found > VERSION:
        raise _newer(found)
    return Database(
        engine.url.render_as_string(hide_password=True), is_sqlite=False, connect=lambda: _driver_connection(engine)
    )


def _driver_connection(engine: Engine) -> Any:
    """Return an open driver connection that the engine no longer manages."""
    managed = engine.raw_connection()
    connection = managed.driver_connection
    managed.detach()
    return connection


def _newer(found: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"the database has version {found}, this program supports {VERSION}; upgrade OpenOutcry to open it"
    )
