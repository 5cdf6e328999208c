"""Trading calendars: the sessions of an exchange, or every day around the clock."""

import warnings
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from .errors import ConfigError
from .schedule import shipped_sessions

ALWAYS = "24/7"
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2045, 12, 31)
LATE_CALENDARS = date(1998, 1, 1)
"""First day of calendars whose holidays are not recorded earlier (such as Tokyo, Mumbai and Shanghai)."""


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


@lru_cache(maxsize=8)
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
    """Return the calendar `name` of the exchange_calendars library; raises ConfigError for an unknown name."""
    import exchange_calendars  # noqa: PLC0415 -- the import takes half a second

    try:
        with warnings.catch_warnings():  # the library uses APIs deprecated in pandas 3.1; sessions are not affected
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                table = exchange_calendars.get_calendar(name, start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
            except ValueError:
                table = exchange_calendars.get_calendar(
                    name, start=LATE_CALENDARS.isoformat(), end=LAST_DAY.isoformat()
                )
    except exchange_calendars.errors.InvalidCalendarName as error:
        raise ConfigError(f"there is no exchange calendar called {name!r}") from error
    return TradingCalendar(
        name=name,
        sessions=tuple(stamp.date() for stamp in table.sessions),
        opens=tuple(stamp.to_pydatetime().astimezone(UTC) for stamp in table.opens),
        closes=tuple(stamp.to_pydatetime().astimezone(UTC) for stamp in table.closes),
    )


def _always() -> TradingCalendar:
    """Return the continuous calendar: every UTC day from midnight to midnight."""
    count = (LAST_DAY - FIRST_DAY).days + 2
    first = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    midnights = tuple(first + timedelta(days=n) for n in range(count))
    return TradingCalendar(
        ALWAYS, tuple(timestamp.date() for timestamp in midnights[:-1]), midnights[:-1], midnights[1:]
    )
