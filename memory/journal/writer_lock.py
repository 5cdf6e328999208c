"""The right to write a store: held by one process at a time, and gone with the process however it ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...domain.errors import StoreLocked


class WriterLock:
    """An exclusive lock on a small file beside the journal.

    It is a lock of SQLite's own, for that is one which the operating system drops with the process, which works on
    every platform, and which also keeps apart two writers within one process.
    """

    def __init__(self, path: Path, patience: float = 0.0) -> None:
        """Name the lock, and how many seconds to wait for another writer to be done."""
        self._path, self._patience = path, patience
        self._lock: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        return self._lock is not None

    @contextmanager
    def during(self) -> Iterator[None]:
        """Be the writer for a while: for good where this process is already, else until the end of the block."""
        held = self.held
        self.take()
        try:
            yield
        finally:
            if not held:
                self.release()

    def take(self) -> None:
        """Become the writer; a second call changes nothing. Raises StoreLocked while another process writes."""
        if self._lock is not None:
            return
        lock = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            lock.close()
            raise StoreLocked(
                f"another process is writing to the memory in {self._path.parent} ({error}); "
                "wait until it is done, or give this one a store of its own with OPENOUTCRY_HOME"
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Let others write."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
