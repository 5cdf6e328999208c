"""Reader of the file of insider trades; a trade is known once its report was filed."""

from datetime import datetime
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import InsiderSide, InsiderTrade
from .point_in_time import RowTiming
from .row import TableRow

FIELDS = ("ticker", "filed_at", "traded_on", "person", "role", "side", "shares", "price")


class InsiderReader:
    """Reads trades of insiders, known from `filed_at`; a date without a time is the end of that UTC day.

    A trade whose report has no time of filing is known from `seen_at`.
    """

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a trade by the filing of its report."""
        filed = row.known("seen_at" if not row.has("filed_at") and row.has("seen_at") else "filed_at")
        return RowTiming(filed, filed, str([row.cells.get(field) for field in FIELDS]))

    def fact(self, row: TableRow, known_at: datetime) -> InsiderTrade:
        """Return the trade; the role may be empty."""
        side = row.text("side").lower()
        if side not in set(InsiderSide):
            raise row.invalid(f"side is {side!r}; it must be one of {', '.join(InsiderSide)}")
        return InsiderTrade(
            Symbol(row.text("ticker")),
            row.text("person"),
            row.normalized_text("role"),
            InsiderSide(side),
            row.positive("shares"),
            row.positive("price"),
            known_at,
            row.normalized_text("origin"),
            row.day("traded_on") if row.has("traded_on") else None,
        )
