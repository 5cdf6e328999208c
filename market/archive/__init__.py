"""The archive: every row that was ever fetched, with the moment of the fetch; nothing in it is changed or deleted."""

from .snapshot import SnapshotFilter, write_snapshot
from .store import Archive, FetchLog, FetchOutcome
from .tables import ArchiveTables

__all__ = ["Archive", "ArchiveTables", "FetchLog", "FetchOutcome", "SnapshotFilter", "write_snapshot"]
