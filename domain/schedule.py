"""Schedules that ship with the package, so that a common calendar opens without the exchange_calendars library.

`schedules.json` is written by `python -m tests.write_schedules` from one version of the library, and is used only
while that version is installed: a newer library may know of another closing day.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SHIPPED = Path(__file__).with_name("schedules.json")
LIBRARY = "exchange_calendars"
ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)
SESSIONS_A_WEEK = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """Regular hours in local time, Monday to Friday, and what departs from them.

    Attributes:
        first, last: the first and the last session.
        zone: IANA name of the time zone.
        opens, closes: regular hours.
        holidays: weekdays without a session.
        early: the close of each session that ends early.
    """

    first: date
    last: date
    zone: str
    opens: time
    closes: time
    holidays: frozenset[date]
    early: Mapping[date, time]

    def sessions(self) -> Iterator[tuple[date, datetime, datetime]]:
        """Yield day, open and close (UTC) of every session, oldest first.

        Raises ZoneInfoNotFoundError where the time zone is not installed.
        """
        zone = ZoneInfo(self.zone)
        monday = self.first - self.first.weekday() * ONE_DAY
        while monday <= self.last:
            # Clocks change on Sundays, so that all sessions of a week have one offset from UTC.
            opens, closes = (_utc(datetime.combine(monday, hour, zone)) for hour in (self.opens, self.closes))
            for day in (monday + n * ONE_DAY for n in range(SESSIONS_A_WEEK)):
                if self.first <= day <= self.last and day not in self.holidays:
                    closed = datetime.combine(day, closes)
                    if day in self.early:
                        closed = datetime.combine(day, self.early[day], zone).astimezone(UTC)
                    yield day, datetime.combine(day, opens), closed
            monday += ONE_WEEK


def _utc(timestamp: datetime) -> time:
    """Return the time of day in UTC; raises ValueError where that falls on another day."""
    found = timestamp.astimezone(UTC)
    if found.date() != timestamp.date():
        raise ValueError(f"{timestamp} is on another day in UTC")
    return found.timetz()


def shipped_sessions(name: str) -> tuple[tuple[date, datetime, datetime], ...] | None:
    """Return day, open and close of every session of the calendar `name`; None where the library must be asked."""
    written = json.loads(SHIPPED.read_text(encoding="utf-8"))
    if name not in written["calendars"] or not is_installed(written["version"]):
        return None
    try:
        return tuple(_read(written["calendars"][name]).sessions())
    except ZoneInfoNotFoundError:
        return None


def is_installed(version: str) -> bool:
    """Return whether the library is installed in `version`; it is not imported, nor is importlib.metadata (25 ms)."""
    spec = find_spec(LIBRARY)
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).parent.with_name(f"{LIBRARY}-{version}.dist-info").is_dir()


def _read(written: Mapping[str, object]) -> Schedule:
    cells = {name: value for name, value in written.items() if isinstance(value, str)}
    holidays, early = written["holidays"], written["early"]
    if not isinstance(holidays, list) or not isinstance(early, dict):
        raise TypeError("holidays must be a list and early closes an object")
    return Schedule(
        first=date.fromisoformat(cells["first"]),
        last=date.fromisoformat(cells["last"]),
        zone=cells["zone"],
        opens=time.fromisoformat(cells["opens"]),
        closes=time.fromisoformat(cells["closes"]),
        holidays=frozenset(map(date.fromisoformat, holidays)),
        early={date.fromisoformat(day): time.fromisoformat(hour) for day, hour in early.items()},
    )
