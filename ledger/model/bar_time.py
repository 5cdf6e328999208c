"""The position of a bar in time, and the settlement day of its trades."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

SETTLEMENT = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date.min, 3))
"""Sessions from trade to settlement in US equities, by the first trade day of each rule (SEC Rule 15c6-1)."""


class SessionCalendar(Protocol):
    """The calendar interface that the ledger needs; `domain.trading_calendar.TradingCalendar` implements it."""

    def next(self, day: date) -> date:
        """Return the first session after `day`."""
        ...

    def close(self, day: date) -> datetime:
        """Return the close of the session `day`."""
        ...


@dataclass(frozen=True, slots=True)
class BarTime:
    """A bar's position in time, the same for all symbols.

    Attributes:
        session: trading day of the bar.
        start: start of the bar in seconds since 1970-01-01 UTC; strictly increasing from bar to bar.
        first, last: whether it is the session's first or last bar; a daily bar is both.
    """

    session: date
    start: int
    first: bool = True
    last: bool = True


def settlement_day(day: date, sessions: SessionCalendar) -> date:
    """Return the session on which a trade of `day` settles."""
    lag = next(lag for since, lag in SETTLEMENT if day >= since)
    for _ in range(lag):
        day = sessions.next(day)
    return day
