"""Sessions of the demo market."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime

from ...domain.errors import ConfigError
from ...domain.trading_calendar import LAST_DAY, TradingCalendar, trading_calendar

CALENDAR = "XNYS"
FIRST_SESSION = date(2016, 1, 4)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The sessions from FIRST_SESSION to the last simulated one: parallel tuples, oldest first, times in UTC."""

    calendar: TradingCalendar
    days: tuple[date, ...]
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]

    def __len__(self) -> int:
        return len(self.days)

    def place(self, day: date) -> int:
        """Return the position of the first simulated session on or after `day`; `len(self)` if there is none."""
        return bisect_left(self.days, day)

    def session_from(self, day: date) -> date:
        """Return the first session of the exchange on or after `day`, simulated or not."""
        days = self.calendar.sessions
        return days[bisect_left(days, day)]


def timeline(last: date) -> Timeline:
    """Return the sessions up to `last`, which need not be a session; raises ConfigError if it is out of range."""
    if not FIRST_SESSION <= last < LAST_DAY.replace(month=1):
        raise ConfigError(
            f"the demo market covers {FIRST_SESSION} to the end of {LAST_DAY.year - 1}; {last} is outside that range"
        )
    table = trading_calendar(CALENDAR)
    start = bisect_left(table.sessions, FIRST_SESSION)
    days = table.between(FIRST_SESSION, last)
    end = start + len(days)
    return Timeline(calendar=table, days=days, opens=table.opens[start:end], closes=table.closes[start:end])
