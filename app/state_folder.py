"""The parts of the state folder: where they are, what they hold, and how much space they use."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..ledger.store.open_database import SQLITE_URL
from .settings import Settings
from .settings_file import FILE_NAME

CHECKPOINTS = "checkpoints.db"
LEDGER = "book.db"
KINDS = {
    "runs.db": "runs",
    "leases": "runs",
    CHECKPOINTS: "runs",
    "convictions.db": "runs",
    "recordings.db": "runs",
    LEDGER: "ledger",
    "memory": "memory",
    "embeddings.db": "memory",
    "learning.db": "memory",
    "archive.db": "archive",
    "cache": "cache",
    "yfinance": "cache",
    "models": "cache",
    "sessions.db": "sessions",
    "notifications.db": "sessions",
    "trials.db": "experiments",
    "reports": "sessions",
    "events": "logs",
    "experiments": "experiments",
}
"""The kind of each file or folder directly in the state folder; others are counted as `other`."""

OTHER = "other"
SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class KindUse:
    """The size of all files of one kind, in bytes."""

    kind: str
    bytes: int


def ledger_file(settings: Settings) -> Path | None:
    """Return the SQLite file of the paper accounts, which need not exist; None if they are in another database."""
    if settings.ledger is None:
        return settings.home / LEDGER
    found = SQLITE_URL.fullmatch(settings.ledger)
    return Path(found[1]) if found else None


def has_ledger(settings: Settings) -> bool:
    """Return whether there is a database of paper accounts; one that is not a file is assumed to exist."""
    file = ledger_file(settings)
    return file is None or file.is_file()


def secret_files(settings: Settings) -> Iterator[Path]:
    """Yield the files that may contain secrets, wherever they are: the settings file and every key file."""
    yield settings.home / FILE_NAME
    if settings.api_key_file is not None:
        yield settings.api_key_file
    yield from settings.live.key_files.values()
    yield from (each.url_file for each in settings.notifications.channels if each.url_file is not None)


def kind_of(name: str) -> str:
    """Return the kind of a file or folder directly in the state folder."""
    for suffix in SIDE_FILES:
        name = name.removesuffix(suffix)
    return KINDS.get(name, OTHER)


def disk_use(folder: Path) -> tuple[KindUse, ...]:
    """Return the size of the state folder by kind, largest first; links are not followed."""
    sizes: dict[str, int] = {}
    for path, size in _files(folder):
        kind = kind_of(path.relative_to(folder).parts[0])
        sizes[kind] = sizes.get(kind, 0) + size
    return tuple(KindUse(kind, size) for kind, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])))


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            if path.is_file() and not path.is_symlink():
                yield path, path.stat().st_size
        except OSError:  # removed meanwhile, or in a folder without permission
            continue
