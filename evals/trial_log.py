"""The log of every variant that was ever tried on a window: the number of trials behind a best result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..storage.sqlite import Schema, SqliteFile, append_only

FILE_NAME = "trials.db"

_TABLE = """
CREATE TABLE IF NOT EXISTS trials (
    market TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, content TEXT NOT NULL, name TEXT NOT NULL,
    source TEXT NOT NULL, sharpe REAL, recorded_at TEXT NOT NULL, PRIMARY KEY (market, first, last, content)
)
"""
_INSERT = "INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OVERLAPPING = """
SELECT market, first, last, content, name, source, sharpe, recorded_at FROM trials
WHERE market = ? AND first <= ? AND last >= ? ORDER BY recorded_at, first, last, content
"""


@dataclass(frozen=True, slots=True)
class TrialWindow:
    """Sessions of a market on which variants are tried.

    Attributes:
        market: a name that stays the same while the data grows, such as `demo:7` or the name of a folder or snapshot.
        first, last: the first and the last session.
    """

    market: str
    first: date
    last: date

    def __post_init__(self) -> None:
        """Raise ValueError unless the window begins before it ends."""
        if self.first > self.last:
            raise ValueError(f"the window ends on {self.last}, before it begins on {self.first}")


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant on one window.

    Attributes:
        window: where it was tried.
        content: the hash of everything that makes the variant, from `content_hash`.
        name: the name of its first run.
        source: what tried it, such as `run` or `optimize`.
        sharpe: the Sharpe ratio per session of its net returns; None if the run has none.
        recorded_at: when it was recorded first.
    """

    window: TrialWindow
    content: str
    name: str
    source: str
    sharpe: float | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TrialCount:
    """All trials on a window and on windows that overlap it, each variant once.

    Attributes:
        trials: the number of different variants.
        sharpes: the ratios of those that have one; of several windows the first recorded counts.
    """

    trials: int
    sharpes: tuple[float, ...]


class TrialLog:
    """Keeps trials in one append-only file of the state folder; several processes may write at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError if it is damaged or of a newer version."""
        schema = Schema(version=1, create=(_TABLE, *append_only("trials", "the trial log is append-only")))
        self._file = SqliteFile(path, "the trial log", schema, synchronous="FULL")

    def record(self, trial: Trial) -> bool:
        """Add a trial; return False if this variant is on this window already, whose first record stays.

        Raises ValueError for a time without a zone.
        """
        if trial.recorded_at.tzinfo is None:
            raise ValueError("the time of a trial needs a time zone")
        window, at = trial.window, trial.recorded_at.astimezone(UTC).isoformat(timespec="seconds")
        dates = (window.first.isoformat(), window.last.isoformat())
        row = (window.market, *dates, trial.content, trial.name, trial.source, trial.sharpe, at)
        with self._file.writing() as connection:
            return connection.execute(_INSERT, row).rowcount == 1

    def trials(self, window: TrialWindow) -> tuple[Trial, ...]:
        """Return all trials of the market on windows that share a day with `window`, oldest first.

        A window that is shifted by a few days is not a new window: what was tried on the one is tried on the other.
        """
        rows = self._file.rows(_OVERLAPPING, (window.market, window.last.isoformat(), window.first.isoformat()))
        return tuple(_trial(*row) for row in rows)

    def count(self, window: TrialWindow) -> TrialCount:
        """Return the number of different variants tried on `window` or an overlapping one, and their Sharpe ratios."""
        variants: dict[str, float | None] = {}
        for each in self.trials(window):
            if variants.setdefault(each.content, each.sharpe) is None:
                variants[each.content] = each.sharpe
        return TrialCount(len(variants), tuple(each for each in variants.values() if each is not None))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a variant's content as canonical JSON; names and times of runs do not belong in it.

    Raises TypeError for values that are not JSON, and ValueError for numbers that are not finite.
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def _trial(
    market: str, first: str, last: str, content: str, name: str, source: str, sharpe: float | None, at: str
) -> Trial:
    window = TrialWindow(market, date.fromisoformat(first), date.fromisoformat(last))
    return Trial(window, content, name, source, sharpe, datetime.fromisoformat(at))
