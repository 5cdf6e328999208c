"""Lines about companies become sections of filings, and profiles as they stood when somebody looked."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import FilingText, Profile
from .point_in_time import RowTiming
from .row import TableRow


class FilingTextReader:
    """Reads sections of filings, known when the filing was accepted, or first seen where it says nothing of that."""

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming:
        """Place a section by the moment of its filing."""
        known_at = row.known("accepted_at" if row.has("accepted_at") or not row.has("seen_at") else "seen_at")
        unique = str([row.cells.get(name) for name in ("accepted_at", "form", "item", "url")])
        return RowTiming(known_at, known_at, unique)

    def fact(self, row: TableRow, known_at: datetime) -> FilingText:
        """Return the section; item, title and url may be empty."""
        return FilingText(
            Symbol(row.text("ticker")),
            row.text("form"),
            row.normalized_text("item"),
            row.normalized_text("title"),
            row.text("text"),
            row.normalized_text("url"),
            known_at,
            row.normalized_text("origin"),
        )


class ProfileReader:
    """Reads profiles. They say how a company stands now, so one that says not when it was seen is never shown."""

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming | None:
        """Place a profile at the moment when it was seen; a later one replaces it."""
        if not row.has("seen_at"):
            return None
        seen = row.known("seen_at")
        return RowTiming(seen, seen, row.cells.get("ticker"))

    def fact(self, row: TableRow, known_at: datetime) -> Profile:
        """Return the profile; everything but the name may be empty."""
        sector, industry, country, currency, exchange, summary = (
            row.normalized_text(name) for name in ("sector", "industry", "country", "currency", "exchange", "summary")
        )
        return Profile(
            Symbol(row.text("ticker")),
            row.text("name"),
            sector,
            industry,
            country,
            currency,
            exchange,
            _positive(row, "shares_outstanding"),
            _positive(row, "market_cap"),
            summary,
            known_at,
            row.normalized_text("origin"),
        )


def _positive(row: TableRow, column: str) -> Decimal | None:
    return row.positive(column) if row.has(column) else None
