"""Leases: held by the process that works on a run or a session, and released by the system when it ends."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ...domain.errors import ConfigError, StoreLocked

LEASES = "leases"
"""Name of the folder of lock files in the state folder."""
WAIT_S = 1.0
"""Seconds to wait for a lease: longer than another process needs to ask who holds it."""


class RunLease:
    """An exclusive lock on a small file per run, or per session of an account.

    The lock is SQLite's own: it works on every platform and is dropped with the process, however that ends. The file is
    removed when the lease is released.
    """

    def __init__(self, folder: Path, key: str, *, what: str = "run") -> None:
        """Set the folder of the lock files, and the `key` of `what` is worked on, such as the id of a run."""
        self._named = f"{what} {key}"
        text = key if what == "run" else self._named
        self._path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.lock"

    @property
    def is_held(self) -> bool:
        """Whether any process holds the lease now."""
        return is_locked(self._path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease for the block; raises StoreLocked while another process holds it."""
        lock = self._acquire()
        try:
            yield
        finally:
            with suppress(OSError):  # some systems do not remove an open file; it stays, and is used again
                self._path.unlink()
            lock.close()

    def _acquire(self) -> sqlite3.Connection:
        """Return a connection that holds the lock of the file at the path, not of one that was removed in between."""
        while True:
            lock, opened = self._open()
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                lock.close()
                raise StoreLocked(f"another process works on {self._named} ({error}); wait until it is done") from error
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == opened:
                    return lock
            lock.close()

    def _open(self) -> tuple[sqlite3.Connection, int]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            opened = self._path.stat().st_ino
            return sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False), opened
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"cannot write {self._path}: {error}; check the permissions of its folder") from error


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lease of the lock file at `path` now."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as probe:
            probe.execute("PRAGMA schema_version").fetchall()
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    return False
