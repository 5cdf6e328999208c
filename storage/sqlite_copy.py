"""Consistent copies of SQLite files while other processes write."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from .sqlite import BUSY_TIMEOUT_S, storage_error

HEADER = b"SQLite format 3\0"


def is_database(path: Path) -> bool:
    """Return whether a file begins as a SQLite database does."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def copy_database(source: Path, target: Path, *, patience_s: float = BUSY_TIMEOUT_S) -> None:
    """Write the content of the last commit of `source` to the new file `target`, without a write-ahead log.

    Writers with a write-ahead log do not wait and are not waited for. Raises ConfigError for a damaged file, and
    StoreLocked if the file of a database without such a log stays locked for `patience_s` seconds.
    """
    end = time.monotonic() + patience_s

    def check(status: int, _remaining: int, _total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > end:
            raise sqlite3.OperationalError("database is locked")

    try:
        with closing(_reader(source)) as reader, closing(sqlite3.connect(target)) as copy:
            reader.backup(copy, progress=check)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite3.Error as error:
        raise storage_error("the database", source, error) from error


def _reader(path: Path) -> sqlite3.Connection:
    """Open a file for reading; one that cannot be written is opened without side files if its log is empty."""
    log = path.with_name(f"{path.name}-wal")
    mode = "rw"
    if not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)):
        mode = "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"
    url = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(url, timeout=0, uri=True, isolation_level=None)  # copying itself waits for a locked file
