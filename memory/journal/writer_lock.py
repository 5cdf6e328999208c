"""Writer lock of a store: held by one process at a time and released when the process ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...domain.errors import StoreLocked


class WriterLock:
    """An exclusive lock on a small file beside the journal.

    It is a SQLite lock: the operating system releases it when the process ends, it works on every platform, and it also
    excludes a second writer within the same process.
    """

    def __init__(self, path: Path, patience: float = 0.0) -> None:
        """Set the lock file, and how many seconds (`patience`) to wait for another writer."""
        self._path, self._patience = path, patience
        self._lock: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        return self._lock is not None

    @contextmanager
    def during(self) -> Iterator[None]:
        """Hold the lock during the block; keep it afterwards if it was already held. Raises StoreLocked."""
        held = self.held
        self.take()
        try:
            yield
        finally:
            if not held:
                self.release()

    def take(self) -> None:
        """Acquire the lock; does nothing if it is held already. Raises StoreLocked while another writer holds it."""
        if self._lock is not None:
            return
        lock = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            lock.close()
            raise StoreLocked(
                f"another process is writing to the memory in {self._path.parent} ({error}); "
                "wait until it has finished, or set OPENOUTCRY_HOME to use a separate store"
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Release the lock."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
