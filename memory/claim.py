"""The right to write a store: held by one process at a time, and gone with the process however it ends."""

import sqlite3
from pathlib import Path

from ..domain.errors import ConfigError


class WriterClaim:
    """An exclusive lock on a small file beside the journal.

    It is a lock of SQLite's own, for that is one which the operating system drops with the process, which works on
    every platform, and which also keeps apart two writers within one process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        return self._lock is not None

    def take(self) -> None:
        """Become the writer; a second call changes nothing. Raises ConfigError while another writer lives."""
        if self._lock is not None:
            return
        lock = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            lock.close()
            raise ConfigError(
                f"another process is writing to the memory in {self._path.parent} ({error}); "
                "wait until it is done, or give this one a store of its own with OPENOUTCRY_HOME"
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Let others write."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
