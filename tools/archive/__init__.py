"""The archive: every row that was ever fetched, with the moment of the fetch; nothing in it is changed or deleted."""

from .shelf import ArchiveShelf
from .snapshot import Wanted, write_snapshot
from .store import Archive, Fetch, Outcome

__all__ = ["Archive", "ArchiveShelf", "Fetch", "Outcome", "Wanted", "write_snapshot"]
