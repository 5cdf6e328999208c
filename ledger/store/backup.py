"""Copy a whole database into a new SQLite file while other processes write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ...domain.errors import ConfigError
from .database import Database, translate_database_errors
from .open_database import open_database

COPIED = ("accounts", "journal", "postings", "requests", "outbox", "orders", "fills", "balances")
CHUNK = 5_000


def backup(database: Database, target: Path) -> None:
    """Write a consistent copy of the database to the new file `target`.

    Raises ConfigError when `target` exists or its folder does not.
    """
    if target.exists():
        raise ConfigError(f"{target} already exists; choose another name for the backup")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no folder {target.parent}; create it or choose another place for the backup")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    with translate_database_errors():
        if database.is_sqlite:
            _copy_file(database, partial)
        else:
            _copy_tables(database, partial)
    partial.rename(target)


def _copy_file(database: Database, target: Path) -> None:
    with closing(database.connect()) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _copy_tables(database: Database, target: Path) -> None:
    """Copy all tables within one snapshot."""
    copy = open_database(f"sqlite:///{target}")
    try:
        with closing(database.connect()) as source:
            reader, writer = source.cursor(), copy.cursor()
            reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            writer.execute("BEGIN")
            for table in COPIED:
                reader.execute(f"SELECT * FROM {table}")  # noqa: S608 -- names from the list above
                while rows := reader.fetchmany(CHUNK):
                    marks = ", ".join("?" * len(rows[0]))
                    writer.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
            writer.execute("COMMIT")
            reader.execute("ROLLBACK")
            writer.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
