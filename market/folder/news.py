"""Reader of the news file; an item is known once its time of publication has certainly passed."""

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

# Uncertainty of the time of publication, by `precision`.
PRECISION_STEP = {"second": timedelta(0), "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": ONE_DAY}
FIELDS = ("ticker", "published_at", "title", "summary", "source", "url")


class NewsReader:
    """Reads news items. An item is known from the end of the UTC day, hour or minute given by `precision`.

    A date without a time has the precision of a day. Without `precision` a time is exact. An item without
    `published_at` is published at `seen_at`.
    """

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of an item; an unknown precision is treated as a day."""
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
    """Return the end of the day, hour or minute that contains `timestamp`; `timestamp` itself if it is exact."""
    blur, day = PRECISION_STEP[precision], midnight(timestamp.date())
    return add_or_max(day, ((timestamp - day) // blur + 1) * blur) if blur else timestamp
