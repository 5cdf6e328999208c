"""What SQLite says when it cannot, in one sentence with a remedy."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..domain.errors import ConfigError

_REMEDIES = (
    ("full", "make room on the disk and try again; nothing was lost"),
    ("locked", "another process is writing; try again when it is done"),
    ("readonly", "check the permissions of the file and its folder"),
    ("unable to open", "check the path and its permissions"),
    ("append-only", "nothing was changed"),
    ("not a database", "restore it from a backup, or move it away to start anew"),
    ("malformed", "restore it from a backup, or move it away to start anew"),
    ("disk i/o error", "check the disk, or restore it from a backup"),
)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into a ConfigError; the transaction that was under way is rolled back whole."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        remedy = next((cure for sign, cure in _REMEDIES if sign in said.lower()), "see what it says, and try again")
        raise ConfigError(f"the memory {path} cannot be used: {said}; {remedy}") from error
