"""Writes domain/schedules.json from the installed exchange_calendars: `python -m tests.write_schedules`."""

import json
from datetime import timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from openoutcry.domain.schedule import SHIPPED
from openoutcry.domain.trading_calendar import library_calendar

ZONES = {"XNYS": "America/New_York"}


def departures(name: str, zone: str) -> dict[str, object]:
    """Return what of a calendar is not every weekday at regular hours."""
    table, local = library_calendar(name), ZoneInfo(zone)
    opens = {moment.astimezone(local).time() for moment in table.opens}
    closes = [moment.astimezone(local).time() for moment in table.closes]
    regular = max(set(closes), key=closes.count)
    assert len(opens) == 1, "a calendar with late openings needs another form"
    span = (table.sessions[-1] - table.sessions[0]).days + 1
    weekdays = [day for n in range(span) if (day := table.sessions[0] + timedelta(days=n)).weekday() < 5]
    return {
        "zone": zone,
        "first": table.sessions[0].isoformat(),
        "last": table.sessions[-1].isoformat(),
        "opens": opens.pop().isoformat("minutes"),
        "closes": regular.isoformat("minutes"),
        "early": {
            day.isoformat(): hour.isoformat("minutes")
            for day, hour in zip(table.sessions, closes, strict=True)
            if hour != regular
        },
        "holidays": sorted(day.isoformat() for day in set(weekdays) - set(table.sessions)),
    }


def main() -> None:
    """Write the file."""
    calendars = {name: departures(name, zone) for name, zone in ZONES.items()}
    written = {"library": "exchange_calendars", "version": version("exchange-calendars"), "calendars": calendars}
    SHIPPED.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
