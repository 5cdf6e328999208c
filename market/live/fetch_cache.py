"""The log of fetches in memory, so that every fetch is read from the archive once."""

from threading import Lock

from ..archive.store import Archive, FetchLog
from ..folder.layout import DatasetKind


class FetchCache:
    """Keeps the fetches of each kind and key that were read, and reads only those that were added since.

    The log only grows, and its numbers with it: what another process adds is found by the next `refresh`.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive, self._lock = archive, Lock()
        self._read: dict[tuple[DatasetKind, str], tuple[FetchLog, ...]] = {}

    def refresh(self, kind: DatasetKind, key: str) -> tuple[FetchLog, ...]:
        """Return every fetch of `key` up to now, in the order in which they were answered; one statement."""
        with self._lock:
            read = self._read.get((kind, key), ())
            new = self._archive.fetches(kind, key, after=read[-1].number if read else 0)
            self._read[kind, key] = found = (*read, *new) if new else read
            return found

    def known(self, kind: DatasetKind, key: str) -> tuple[FetchLog, ...]:
        """Return every fetch of `key` up to its last `refresh`; reads the archive only where there was none."""
        found = self._read.get((kind, key))
        return self.refresh(kind, key) if found is None else found
