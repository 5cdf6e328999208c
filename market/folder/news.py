"""Lines of the news file become items, known once the time that they name has passed for certain."""

from datetime import datetime, timedelta
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import NewsItem
from .point_in_time import RowTiming
from .row import (
    ONE_DAY,
    TableRow,
    add_or_max,
    midnight,
)

# How much of the time is unknown, by what `precision` says.
PRECISION_STEP = {"second": timedelta(0), "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": ONE_DAY}
FIELDS = ("ticker", "published_at", "title", "summary", "source", "url")


class NewsReader:
    """Reads headlines. An item is known at the end of the UTC day (hour, minute) that `precision` names.

    A date without a time is a day. Without a `precision` the time is taken as exact. An item that says no time is
    taken as published when it was first seen.
    """

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming:
        """Place an item by its time; one with an unknown precision is taken as of that day."""
        if not row.has("published_at") and row.has("seen_at"):
            seen = row.known("seen_at")
            return RowTiming(seen, seen, _identity(row))
        published = row.moment("published_at")
        precision = str(row.cells.get("precision") or "second").strip()
        known_at = max(
            row.known("published_at"), _passed(published, precision if precision in PRECISION_STEP else "day")
        )
        return RowTiming(known_at, published, _identity(row))

    def fact(self, row: TableRow, known_at: datetime) -> NewsItem:
        """Return the item; summary, source and url may be empty."""
        precision = row.normalized_text("precision")
        if precision and precision not in PRECISION_STEP:
            raise row.invalid(f"precision is {precision!r}; it must be one of {', '.join(PRECISION_STEP)}")
        return NewsItem(
            Symbol(row.text("ticker")),
            row.moment("published_at") if row.has("published_at") else known_at,
            row.text("title"),
            row.normalized_text("summary"),
            row.normalized_text("source"),
            row.normalized_text("url"),
            known_at,
            row.normalized_text("origin"),
        )


def _identity(row: TableRow) -> str:
    return str([row.cells.get(field) for field in FIELDS])


def _passed(timestamp: datetime, precision: str) -> datetime:
    """Return the end of the day, hour or minute that `moment` lies in; an exact moment is its own end."""
    blur, day = PRECISION_STEP[precision], midnight(timestamp.date())
    return add_or_max(day, ((timestamp - day) // blur + 1) * blur) if blur else timestamp
