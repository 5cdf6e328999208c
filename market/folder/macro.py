"""Rows of the macro file become points, known at their release, or a lag after their reference date.

`date` is what a value is about, not when it came out. Without `released_at` a value is known 1 day (daily series),
45 days (monthly) or 60 days (quarterly) after `date`. How often a series is published is taken from its own past
only: the
median of the last five gaps between the reference dates up to and including the row's own. A row therefore never
depends on a later one, and the first row, which has no gap, waits as long as a quarterly one. As a series is published
in order, a row is known at the latest when a later one is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from typing import ClassVar

from ...domain.errors import InvalidData
from ...domain.market import MacroPoint
from .point_in_time import RowTiming
from .row import TableRow, day_end

RECENT_GAPS = 5
# Longest usual gap in days between reference dates -> days until the value is known. Weekly series wait like monthly
# ones; a yearly one may be dated at the beginning of its year, so it waits for that year and one more quarter.
LAGS = ((4, 1), (45, 45), (120, 60))
YEARLY_LAG = 456
FIRST_LAG = 60


@dataclass(frozen=True, slots=True)
class MacroReader:
    """Reads points. `lagged` says since when the rows of one series without a release date are known, by date."""

    series: ClassVar[bool] = True

    lagged: Mapping[date, datetime]

    @classmethod
    def of(cls, rows: Iterable[TableRow]) -> "MacroReader":
        """Return the reader for the series that `rows` are."""
        days = {day for row in rows if not row.has("released_at") and (day := _day(row)) is not None}
        return cls(release_times(sorted(days)))

    def timing(self, row: TableRow) -> RowTiming:
        """Place a point; one whose release date cannot be read, or without a series, at the end of its date."""
        day = row.day("date")
        return RowTiming(self._known_at(row, day), day, day)

    def fact(self, row: TableRow, known_at: datetime) -> MacroPoint:
        """Return the point."""
        if row.has("released_at"):
            row.known("released_at")
        return MacroPoint(
            row.text("series"), row.day("date"), row.number_in("value"), known_at, row.normalized_text("origin")
        )

    def _known_at(self, row: TableRow, day: date) -> datetime:
        try:
            return row.known("released_at") if row.has("released_at") else self.lagged.get(day, day_end(day))
        except InvalidData:
            return day_end(day)


def release_times(days: Sequence[date]) -> Mapping[date, datetime]:
    """Return since when the value of each of `days` (sorted, no two alike) is known."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    known = [day_end(day, days=_lag(gaps[max(0, place - RECENT_GAPS) : place])) for place, day in enumerate(days)]
    for place in reversed(range(len(known) - 1)):
        known[place] = min(known[place], known[place + 1])
    return dict(zip(days, known, strict=True))


def _lag(gaps: Sequence[int]) -> int:
    if not gaps:
        return FIRST_LAG
    usual = median(gaps)
    return next((lag for max_length, lag in LAGS if usual <= max_length), YEARLY_LAG)


def _day(row: TableRow) -> date | None:
    try:
        return row.day("date")
    except InvalidData:
        return None
