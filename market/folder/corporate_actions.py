"""Readers of the split and dividend files; an action is known from 00:00 UTC of its ex-date."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from ...domain.ids import Symbol
from ...domain.market import Dividend, Split
from .point_in_time import RowTiming
from .row import TableRow, midnight


def _at_ex_date(row: TableRow) -> RowTiming:
    day = row.day("ex_date")
    return RowTiming(midnight(day), day, day)


class SplitReader:
    """Reads splits."""

    series: ClassVar[bool] = True

    def timing(self, row: TableRow) -> RowTiming:
        """Return the timing of a split by its ex-date."""
        return _at_ex_date(row)

    def fact(self, row: TableRow, known_at: datetime) -> Split:
        """Return the split."""
        return Split(
            Symbol(row.text("ticker")),
            row.day("ex_date"),
            row.positive("ratio"),
            known_at,
            row.normalized_text("origin"),
        )


class DividendReader:
    """Reads dividends. Two amounts of one ex-date, such as a regular and a special dividend, are separate payments.

    In files of a collector (with `seen_at`) a second row of an ex-date is a later version of the first.
    """

    series: ClassVar[bool] = True

    def timing(self, row: TableRow) -> RowTiming:
        """Place a dividend at its ex-date."""
        timing = _at_ex_date(row)
        if row.has("seen_at"):
            return timing
        return replace(timing, unique=(timing.unique, row.cells.get("amount"), row.cells.get("pay_date")))

    def fact(self, row: TableRow, known_at: datetime) -> Dividend:
        """Return the dividend."""
        pay_date = row.day("pay_date") if row.has("pay_date") else None
        return Dividend(
            Symbol(row.text("ticker")),
            row.day("ex_date"),
            row.positive("amount"),
            pay_date,
            known_at,
            row.normalized_text("origin"),
        )
