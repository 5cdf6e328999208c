"""Readers of the price files; a bar is known from its completion."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import Bar
from ...domain.trading_calendar import TradingCalendar
from .point_in_time import RowTiming
from .row import (
    TableRow,
    add_or_max,
    day_end,
    midnight,
)

ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DailyBarReader:
    """Reads daily bars, known from the close of their session; the 24/7 calendar closes at the end of the UTC day.

    A date that is not a session is a defect. A date before the first session of the calendar is accepted; its bar is
    known from the end of the UTC day.
    """

    series: ClassVar[bool] = True

    calendar: TradingCalendar

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a bar by its date."""
        day = row.day("date")
        close = self.calendar.close(day) if self.calendar.is_session(day) else day_end(day)
        return RowTiming(close, day, day)

    def fact(self, row: TableRow, known_at: datetime) -> Bar:
        """Return the bar of one session."""
        day = row.day("date")
        return _bar(row, day, self._open(row, day), known_at)

    def _open(self, row: TableRow, day: date) -> datetime:
        if self.calendar.is_session(day):
            return self.calendar.open(day)
        if day < self.calendar.sessions[0]:
            return midnight(day)
        raise row.invalid(f"{day} is not a session of the calendar {self.calendar.name}")


@dataclass(frozen=True, slots=True)
class HourlyBarReader:
    """Reads hourly bars, known from one hour after their start, or from the close of the session if that is earlier.

    A bar that starts outside every session is a defect.
    """

    series: ClassVar[bool] = True

    calendar: TradingCalendar

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a bar by its start."""
        start = row.moment("ts_utc")
        end, number = add_or_max(start, ONE_HOUR), self._session(start)
        return RowTiming(end if number is None else min(end, self.calendar.closes[number]), start, start)

    def fact(self, row: TableRow, known_at: datetime) -> Bar:
        """Return the bar of one hour, or of the rest of the session."""
        start = row.moment("ts_utc")
        number = self._session(start)
        if number is None:
            raise row.invalid(
                f"{start:%Y-%m-%d %H:%M} UTC lies outside the sessions of the calendar {self.calendar.name}"
            )
        return _bar(row, self.calendar.sessions[number], start, known_at)

    def _session(self, start: datetime) -> int | None:
        number = bisect_right(self.calendar.opens, start) - 1
        return number if number >= 0 and start < self.calendar.closes[number] else None


def _bar(row: TableRow, session: date, start: datetime, known_at: datetime) -> Bar:
    opened, high, low, close = (row.positive(name) for name in ("open", "high", "low", "close"))
    volume = row.number_in("volume")
    if high < low:
        raise row.invalid(f"high {high} is below low {low}")
    for name, price in (("open", opened), ("close", close)):
        if not low <= price <= high:
            raise row.invalid(f"{name} {price} lies outside low {low} to high {high}")
    if volume < 0:
        raise row.invalid(f"volume is {volume}; it must not be negative")
    symbol, origin = Symbol(row.text("ticker")), row.normalized_text("origin")
    return Bar(symbol, session, start, known_at, opened, high, low, close, volume, origin)
