"""Translation of SQLite errors to ConfigError, with a remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...storage.sqlite import storage_error


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """Convert a SQLite error to a ConfigError; `transaction` rolls back an open transaction."""
    try:
        yield
    except sqlite3.Error as error:
        raise storage_error("the memory", path, error) from error
