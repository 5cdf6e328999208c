"""One step of time: which bar of which session, and when its trades settle."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

SETTLEMENT = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date.min, 3))
"""Sessions from trade to cash in US equities, by the first trade day of each rule (SEC Rule 15c6-1)."""


class SessionCalendar(Protocol):
    """Knows which day trades next, and until when; `domain.sessions.Calendar` does."""

    def next(self, day: date) -> date:
        """Return the first session after `day`."""
        ...

    def close(self, day: date) -> datetime:
        """Return the close of the session `day`."""
        ...


@dataclass(frozen=True, slots=True)
class BarTime:
    """A bar's place in time, the same for all symbols.

    Attributes:
        start: first moment of the bar, seconds since 1970 in UTC; later bars start later.
        first, last: whether it is the session's first or last bar; a daily bar is both.
    """

    session: date
    start: int
    first: bool = True
    last: bool = True


def settlement_day(day: date, sessions: SessionCalendar) -> date:
    """Return the session on which a trade of `day` becomes cash."""
    lag = next(lag for since, lag in SETTLEMENT if day >= since)
    for _ in range(lag):
        day = sessions.next(day)
    return day
