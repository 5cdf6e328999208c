"""Rows of the corporate action files become splits and dividends, known when their ex-date begins (UTC)."""

from datetime import datetime
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import Dividend, Split
from .row import Row, midnight
from .track import Place


def _at_ex_date(row: Row) -> Place:
    day = row.day("ex_date")
    return Place(midnight(day), day, day)


class Splits:
    """Reads splits."""

    series: ClassVar[bool] = True

    def place(self, row: Row) -> Place:
        """Place a split at its ex-date."""
        return _at_ex_date(row)

    def fact(self, row: Row, known_at: datetime) -> Split:
        """Return the split."""
        return Split(
            Symbol(row.text("ticker")), row.day("ex_date"), row.positive("ratio"), known_at, row.words("origin")
        )


class Dividends:
    """Reads dividends. Two amounts of one ex-date (a regular and a special one) must stand as their sum."""

    series: ClassVar[bool] = True

    def place(self, row: Row) -> Place:
        """Place a dividend at its ex-date."""
        return _at_ex_date(row)

    def fact(self, row: Row, known_at: datetime) -> Dividend:
        """Return the dividend."""
        pay_date = row.day("pay_date") if row.has("pay_date") else None
        return Dividend(
            Symbol(row.text("ticker")),
            row.day("ex_date"),
            row.positive("amount"),
            pay_date,
            known_at,
            row.words("origin"),
        )
