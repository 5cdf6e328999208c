"""What all who keep an SQLite file share: how several processes open one, and what is said of one that fails."""

from collections.abc import Callable
from pathlib import Path
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
"""By what SQLite says."""


def storage_error(what: str, path: Path, said: object) -> ConfigError | StoreLocked:
    """Return the error that says that the file `path`, `what` for a person, cannot be used, why, and what to do.

    It is StoreLocked where another process holds the file, and ConfigError otherwise.
    """
    words = str(said)
    remedy = next((cure for sign, cure in REMEDIES if sign in words.lower()), "see what it says, and try again")
    kind = StoreLocked if "locked" in words.lower() else ConfigError
    return kind(f"{what} {path} cannot be used: {words}; {remedy}")


class CursorResult(Protocol):
    """What a driver returns for a statement; until it is read to its end, no transaction can be committed."""

    def fetchall(self) -> Any: ...


def enable_wal(execute: Callable[[str], CursorResult]) -> None:
    """Let readers and the writer of a file not wait for each other; `execute` runs a statement on a connection to it.

    Where several processes open a new file, SQLite tells all but one at once that it is locked, however much time a
    connection was given. So they ask again, for PATIENCE_S.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random  # noqa: PLC0415 -- for --help

    asking = Retrying(
        retry=retry_if_exception(lambda error: "locked" in str(error)),
        wait=wait_random(0.005, 0.05),
        stop=stop_after_delay(BUSY_TIMEOUT_S),
        reraise=True,
    )
    asking(lambda: execute("PRAGMA journal_mode=WAL").fetchall())
