"""Trading calendars: the sessions of an exchange, or every day around the clock."""

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .errors import ConfigError
from .schedule import shipped_sessions

ALWAYS = "24/7"
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2045, 12, 31)
STARTS = (FIRST_DAY, date(1998, 1, 1), date(2007, 1, 1))
"""First days to try: the library cannot compute the earlier years of some exchanges (Tokyo, Tel Aviv)."""
SESSIONS_A_YEAR = 240
Day = tuple[date, datetime, datetime]


@dataclass(frozen=True, slots=True)
class TradingCalendar:
    """The sessions of one exchange from 1990 (some exchanges from 1998) to 2045, including half days.

    `sessions`, `opens` and `closes` are parallel tuples, oldest first; `opens` and `closes` are aware UTC datetimes.
    """

    name: str
    sessions: tuple[date, ...]
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]

    def is_session(self, day: date) -> bool:
        """Return whether the exchange trades on `day`."""
        place = bisect_left(self.sessions, day)
        return place < len(self.sessions) and self.sessions[place] == day

    def open(self, day: date) -> datetime:
        """Return the opening of the session `day`; raises ConfigError if `day` is not a session."""
        return self.opens[self._place(day)]

    def close(self, day: date) -> datetime:
        """Return the close of the session `day`; raises ConfigError if `day` is not a session."""
        return self.closes[self._place(day)]

    def last_completed(self, timestamp: datetime) -> date:
        """Return the last session that closes at or before `timestamp`."""
        return self.sessions[bisect_right(self.closes, timestamp) - 1]

    def next(self, day: date) -> date:
        """Return the first session after `day`; `day` need not be a session."""
        return self.sessions[bisect_right(self.sessions, day)]

    def next_open(self, timestamp: datetime) -> date:
        """Return the first session that opens at or after `timestamp`."""
        return self.sessions[bisect_left(self.opens, timestamp)]

    def previous(self, day: date) -> date:
        """Return the last session before `day`; `day` need not be a session."""
        return self.sessions[bisect_left(self.sessions, day) - 1]

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """Return the sessions from `first` to `last`, both inclusive."""
        return self.sessions[bisect_left(self.sessions, first) : bisect_right(self.sessions, last)]

    def _place(self, day: date) -> int:
        place = bisect_left(self.sessions, day)
        if place == len(self.sessions) or self.sessions[place] != day:
            raise ConfigError(f"{day} is not a session of {self.name}; the previous session is {self.previous(day)}")
        return place


@lru_cache(maxsize=64)
def trading_calendar(name: str) -> TradingCalendar:
    """Return the calendar `name`: an exchange code such as `XNYS`, or `24/7` for crypto.

    The shipped schedule is used if it matches the installed version of exchange_calendars, otherwise the library.
    Raises ConfigError for an unknown name.
    """
    if name == ALWAYS:
        return _always()
    sessions = shipped_sessions(name)
    if sessions is None:
        return library_calendar(name)
    days, opens, closes = zip(*sessions, strict=True)
    return TradingCalendar(name=name, sessions=days, opens=opens, closes=closes)


def library_calendar(name: str) -> TradingCalendar:
    """Return the calendar of the exchange_calendars library; raises ConfigError for an unknown name.

    The library knows some exchanges (Shanghai, Mumbai, Singapore) only to a near year. After its last session, every
    day of the exchange's trading week counts as a session with the hours of that one, since the holidays are not known.
    """
    import exchange_calendars  # noqa: PLC0415 -- half a second that commands without a calendar need not pay

    try:
        with warnings.catch_warnings():  # the calendars use what pandas 3.1 deprecates; the sessions are not affected
            warnings.simplefilter("ignore", DeprecationWarning)
            table = _library_table(name)
    except exchange_calendars.errors.InvalidCalendarName as error:
        raise ConfigError(f"there is no exchange calendar called {name!r}") from error
    days = [
        (stamp.date(), opened.to_pydatetime().astimezone(UTC), closed.to_pydatetime().astimezone(UTC))
        for stamp, opened, closed in zip(table.sessions, table.opens, table.closes, strict=True)
    ]
    sessions, opens, closes = zip(*days, *_days_after(days, ZoneInfo(str(table.tz))), strict=True)
    return TradingCalendar(name=name, sessions=sessions, opens=opens, closes=closes)


def _library_table(name: str) -> Any:
    """Return the library's calendar from the earliest year that it can compute."""
    from exchange_calendars import get_calendar  # noqa: PLC0415

    bounds = get_calendar(name)
    first, last = bounds.bound_min(), bounds.bound_max()
    end = LAST_DAY if last is None else min(LAST_DAY, last.date())
    for start in STARTS:
        with suppress(ValueError):
            begin = start if first is None else max(start, first.date())
            return get_calendar(name, start=begin.isoformat(), end=end.isoformat())
    return bounds


def _days_after(days: Sequence[Day], zone: ZoneInfo) -> Iterator[Day]:
    """Yield the days of the trading week after the last of `days` up to LAST_DAY, with the local hours of that day."""
    session, opened, closed = days[-1]
    week = {day.weekday() for day, *_ in days[-SESSIONS_A_YEAR:]}
    hours = [timestamp.astimezone(zone).time() for timestamp in (opened, closed)]
    while (session := session + timedelta(days=1)) <= LAST_DAY:
        if session.weekday() in week:
            start, end = (datetime.combine(session, hour, zone).astimezone(UTC) for hour in hours)
            yield session, start, end


def _always() -> TradingCalendar:
    """Return the continuous calendar: every UTC day from midnight to midnight."""
    count = (LAST_DAY - FIRST_DAY).days + 2
    first = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    midnights = tuple(first + timedelta(days=n) for n in range(count))
    return TradingCalendar(
        ALWAYS, tuple(timestamp.date() for timestamp in midnights[:-1]), midnights[:-1], midnights[1:]
    )
