"""Reading of SQLite files that cannot be written, such as a backup on a read-only disk."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

WAL_VERSION = 2
VERSION_PLACE = 18


def is_unwritable(path: Path) -> bool:
    """Return whether the file exists and it or its folder cannot be written."""
    return path.is_file() and not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK))


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a SQLite file read-only.

    A file in WAL mode needs a second file in its folder, even for reading. If its log is missing or empty, the file is
    complete and is opened as immutable, which needs no second file.
    """
    log = path.with_name(f"{path.name}-wal")
    alone = _has_log(path) and not (log.exists() and log.stat().st_size)
    return sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' if alone else ''}", uri=True, isolation_level=None
    )


def _has_log(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(VERSION_PLACE + 2)
    return header[VERSION_PLACE:] == bytes((WAL_VERSION, WAL_VERSION))
