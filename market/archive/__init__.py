"""The archive: an append-only store of all fetched rows with their fetch times."""

from .snapshot import SnapshotFilter, write_snapshot
from .store import Archive, FetchLog, FetchOutcome
from .tables import ArchiveTables

__all__ = ["Archive", "ArchiveTables", "FetchLog", "FetchOutcome", "SnapshotFilter", "write_snapshot"]
