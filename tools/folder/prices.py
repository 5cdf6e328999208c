"""Rows of the price files become bars, known when they were complete."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import Bar
from ...domain.sessions import Calendar
from .row import Row, day_end, later, midnight
from .track import Place

ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DailyBars:
    """Reads bars that are known at the close of their session; the 24/7 calendar closes at the end of the UTC day.

    A day that is no session is a defect. Days before the calendar begins are taken as they are, known at the end of
    the UTC day.
    """

    series: ClassVar[bool] = True

    calendar: Calendar

    def place(self, row: Row) -> Place:
        """Place a bar by its date alone."""
        day = row.day("date")
        close = self.calendar.close(day) if self.calendar.is_session(day) else day_end(day)
        return Place(close, day, day)

    def fact(self, row: Row, known_at: datetime) -> Bar:
        """Return the bar of one session."""
        day = row.day("date")
        return _bar(row, day, self._open(row, day), known_at)

    def _open(self, row: Row, day: date) -> datetime:
        if self.calendar.is_session(day):
            return self.calendar.open(day)
        if day < self.calendar.days[0]:
            return midnight(day)
        raise row.bad(f"{day} is no session of the calendar {self.calendar.name}")


@dataclass(frozen=True, slots=True)
class HourlyBars:
    """Reads bars that are known one hour after they start, or at the close of the session where that is sooner.

    A bar that starts outside every session is a defect.
    """

    series: ClassVar[bool] = True

    calendar: Calendar

    def place(self, row: Row) -> Place:
        """Place a bar by its start alone."""
        start = row.moment("ts_utc")
        end, number = later(start, ONE_HOUR), self._session(start)
        return Place(end if number is None else min(end, self.calendar.closes[number]), start, start)

    def fact(self, row: Row, known_at: datetime) -> Bar:
        """Return the bar of one hour, or of what was left of the session."""
        start = row.moment("ts_utc")
        number = self._session(start)
        if number is None:
            raise row.bad(f"{start:%Y-%m-%d %H:%M} UTC lies outside the sessions of the calendar {self.calendar.name}")
        return _bar(row, self.calendar.days[number], start, known_at)

    def _session(self, start: datetime) -> int | None:
        number = bisect_right(self.calendar.opens, start) - 1
        return number if number >= 0 and start < self.calendar.closes[number] else None


def _bar(row: Row, session: date, start: datetime, known_at: datetime) -> Bar:
    opened, high, low, close = (row.positive(name) for name in ("open", "high", "low", "close"))
    volume = row.number_in("volume")
    if high < low:
        raise row.bad(f"high {high} is below low {low}")
    for name, price in (("open", opened), ("close", close)):
        if not low <= price <= high:
            raise row.bad(f"{name} {price} lies outside low {low} to high {high}")
    if volume < 0:
        raise row.bad(f"volume is {volume}; it must not be negative")
    symbol, origin = Symbol(row.text("ticker")), row.words("origin")
    return Bar(symbol, session, start, known_at, opened, high, low, close, volume, origin)
