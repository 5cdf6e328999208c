"""The disk cache of yfinance: a SQLite file with cookies, which all processes of one state folder share."""

import sqlite3
from pathlib import Path

from ....domain.errors import SourceUnavailable
from ....storage.sqlite import connect

COOKIES = "cookies.db"
"""The only file of the cache that is used; yfinance writes others for time zones and ISINs."""


def use_cache(folder: Path) -> None:
    """Let yfinance use `folder`, which is created if missing; the connection to a file used before is closed.

    yfinance turns on the write-ahead log of a new file, and fails if another process opens it at the same time. The
    file is therefore created here, where the statement is repeated. Raises SourceUnavailable if it cannot be used.
    """
    import yfinance  # noqa: PLC0415 - slow to import

    try:
        folder.mkdir(parents=True, exist_ok=True)
        connect(folder / COOKIES, "NORMAL").close()
    except (OSError, sqlite3.Error) as error:
        raise cache_error(folder, error) from error
    yfinance.set_tz_cache_location(str(folder))


def cache_error(folder: Path, error: Exception) -> SourceUnavailable:
    """Return the error for a cache that cannot be used."""
    return SourceUnavailable(f"yfinance cannot use its cache {folder} ({error}); clear it")
