"""Readers of the filing text and profile files."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import FilingText, Profile
from .point_in_time import RowTiming
from .row import TableRow


class FilingTextReader:
    """Reads sections of filings, known from accepted_at, or from seen_at if accepted_at is empty."""

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a section by the acceptance time of its filing."""
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
    """Reads profiles. A profile describes the time of its fetch, so one without `seen_at` is never visible."""

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming | None:
        """Return the timing of a profile by `seen_at`; a later profile replaces it."""
        if not row.has("seen_at"):
            return None
        seen = row.known("seen_at")
        return RowTiming(seen, seen, row.cells.get("ticker"))

    def fact(self, row: TableRow, known_at: datetime) -> Profile:
        """Return the profile; all fields except ticker and name may be empty."""
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
