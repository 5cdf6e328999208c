"""What SQLite says when it cannot, in one sentence with a remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...storage.sqlite import storage_error


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into a ConfigError; the transaction that was under way is rolled back whole."""
    try:
        yield
    except sqlite3.Error as error:
        raise storage_error("the memory", path, error) from error
