"""The archive: an append-only store of all fetched rows with their fetch times."""

from .fetch_log import FetchLog, FetchOutcome
from .snapshot import SnapshotFilter, write_snapshot
from .store import Archive
from .tables import ArchiveTables

__all__ = ["Archive", "ArchiveTables", "FetchLog", "FetchOutcome", "SnapshotFilter", "write_snapshot"]
