"""In-memory cache of the fetch log, so that every entry is read from the archive once."""

from threading import Lock

from ..archive.fetch_log import FetchLog
from ..archive.store import Archive
from ..folder.layout import DatasetKind


class FetchCache:
    """Caches the fetches of each kind and key, and reads only entries added since; thread-safe.

    The log is append-only with increasing numbers, so entries added by another process are found by the next `refresh`.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive, self._lock = archive, Lock()
        self._read: dict[tuple[DatasetKind, str], tuple[FetchLog, ...]] = {}

    def refresh(self, kind: DatasetKind, key: str) -> tuple[FetchLog, ...]:
        """Return all fetches of `key`, in the order in which they were logged, with one database query."""
        with self._lock:
            read = self._read.get((kind, key), ())
            new = self._archive.fetches(kind, key, after=read[-1].number if read else 0)
            self._read[kind, key] = found = (*read, *new) if new else read
            return found

    def known(self, kind: DatasetKind, key: str) -> tuple[FetchLog, ...]:
        """Return all fetches of `key` as of the last `refresh`; the archive is read only if there was none."""
        found = self._read.get((kind, key))
        return self.refresh(kind, key) if found is None else found
