"""What desks have learned beside their memories: entries of one account and desk, each visible from a moment on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ...storage.sqlite import Schema, SqliteFile

FILE_NAME = "learning.db"
_TABLE = """
CREATE TABLE IF NOT EXISTS learned (
    workspace TEXT NOT NULL, account TEXT NOT NULL, desk TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    learned_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (workspace, account, desk, kind, key)
)
"""


@dataclass(frozen=True, slots=True)
class LearningSpace:
    """The owner of entries: market (`workspace`), account or backtest, and desk with the model that answers."""

    workspace: str
    account: str
    desk: str


@dataclass(frozen=True, slots=True)
class LearnedEntry:
    """One entry; immutable once written.

    Attributes:
        kind: what the entry is, such as a step of instructions.
        key: names the entry among those of its kind.
        learned_at: the desk's clock at writing, aware; decisions as of an earlier time do not see the entry.
        body: JSON text.
    """

    kind: str
    key: str
    learned_at: datetime
    body: str


class LearnedStore(Protocol):
    """Keeps the entries of all spaces.

    Contract: `add` stores an entry durably, and changes nothing if the space has one with the same kind and key.
    `entries` returns those of one kind with `learned_at` at or before `as_of`, ordered by time and key.
    """

    def add(self, space: LearningSpace, entry: LearnedEntry) -> None: ...

    def entries(self, space: LearningSpace, kind: str, as_of: datetime) -> Sequence[LearnedEntry]: ...


@dataclass(frozen=True, slots=True)
class InMemoryLearnedStore:
    """Implements `LearnedStore` for desks whose backtests are repeated as a whole."""

    _kept: dict[tuple[LearningSpace, str, str], LearnedEntry] = field(default_factory=dict)

    def add(self, space: LearningSpace, entry: LearnedEntry) -> None:
        """Keep the entry until the process ends."""
        self._kept.setdefault((space, entry.kind, entry.key), entry)

    def entries(self, space: LearningSpace, kind: str, as_of: datetime) -> Sequence[LearnedEntry]:
        """Return the entries that were kept."""
        own = [each for (owner, _, _), each in self._kept.items() if owner == space and each.kind == kind]
        return sorted((each for each in own if each.learned_at <= as_of), key=lambda each: (each.learned_at, each.key))


class SqliteLearnedStore:
    """Implements `LearnedStore` with one file in the state folder."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file in `folder`; raises ConfigError if it is damaged or of a newer version."""
        self._file = SqliteFile(folder / FILE_NAME, "the store of what desks have learned", Schema(1, (_TABLE,)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add(self, space: LearningSpace, entry: LearnedEntry) -> None:
        """Store the entry in one transaction."""
        row = (*_owner(space), entry.kind, entry.key, _text(entry.learned_at), entry.body)
        with self._file.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO learned VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def entries(self, space: LearningSpace, kind: str, as_of: datetime) -> Sequence[LearnedEntry]:
        """Return the stored entries."""
        query = (
            "SELECT kind, key, learned_at, body FROM learned WHERE workspace = ? AND account = ? AND desk = ? "
            "AND kind = ? AND learned_at <= ? ORDER BY learned_at, key"
        )
        rows = self._file.rows(query, (*_owner(space), kind, _text(as_of)))
        return [LearnedEntry(row[0], row[1], datetime.fromisoformat(row[2]), row[3]) for row in rows]


def _owner(space: LearningSpace) -> tuple[str, str, str]:
    return space.workspace, space.account, space.desk


def _text(moment: datetime) -> str:
    """Return the moment in UTC with microseconds, so that texts are ordered as moments."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
