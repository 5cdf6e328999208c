"""Reader of the macro file; a point is known from its release date, or a lag after its reference date.

`date` is the reference date of a value, not its release date. Without `released_at`, a value is known 1 day (daily
series), 45 days (weekly and monthly) or 60 days (quarterly) after `date`. The frequency of a series is estimated from
past rows only: the median of the last five gaps between reference dates up to that of the row. A row therefore never
depends on a later one. The first row, which has no gap, has the lag of a quarterly series. A row becomes known no later
than the rows after it.
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
# (maximum median gap between reference dates in days, lag in days). Weekly series have the lag of monthly ones. An
# annual series may be dated at the beginning of its year, so its lag is that year plus one quarter.
LAGS = ((4, 1), (45, 45), (120, 60))
YEARLY_LAG = 456
FIRST_LAG = 60


@dataclass(frozen=True, slots=True)
class MacroReader:
    """Reads points. `lagged` maps the reference dates of rows without a release date to their `known_at`."""

    series: ClassVar[bool] = True

    lagged: Mapping[date, datetime]

    @classmethod
    def of(cls, rows: Iterable[TableRow]) -> "MacroReader":
        """Return the reader for one series with all its `rows`."""
        days = {day for row in rows if not row.has("released_at") and (day := _day(row)) is not None}
        return cls(release_times(sorted(days)))

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a point; if its release date cannot be parsed, it is known at the end of its date."""
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
    """Return `known_at` of the value of each reference date in `days` (sorted and distinct)."""
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
