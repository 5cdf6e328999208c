"""Reader of the fundamentals file; a filing is known from accepted_at, filed_at, filed_at_assumed or seen_at."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from ...domain.errors import InvalidData
from ...domain.ids import Symbol
from ...domain.market import Filing, Timeframe
from .point_in_time import RowTiming
from .row import TableRow, day_end

ASSUMED = "filed_at_assumed"
SEEN = "seen_at"


def _accepted(row: TableRow) -> datetime:
    return row.known("accepted_at")


def _filed(row: TableRow) -> datetime:
    return day_end(row.moment("filed_at").date())


def _assumed(row: TableRow) -> datetime:
    return day_end(row.moment(ASSUMED).date())


MOMENTS: Mapping[str, Callable[[TableRow], datetime]] = {
    "accepted_at": _accepted,
    "filed_at": _filed,
    ASSUMED: _assumed,
}


class FilingReader:
    """Reads financial statements, known from the first present of accepted_at, filed_at and filed_at_assumed.

    A row with none of them is known from seen_at; a row without seen_at is never visible. A row without a timeframe is
    quarterly.
    """

    series: ClassVar[bool] = False

    def timing(self, row: TableRow) -> RowTiming | None:
        """Return the timing of a statement by the first of its timestamps that can be parsed."""
        known_at = _known_at(row)
        if known_at is None and not row.has(SEEN):
            return None
        unique = str([row.cells.get("period_end"), row.cells.get("timeframe"), known_at])
        known_at = known_at or row.known(SEEN)
        return RowTiming(known_at, known_at, unique)

    def fact(self, row: TableRow, known_at: datetime) -> Filing:
        """Return the statement."""
        present = [name for name in MOMENTS if row.has(name)]
        for name in present:
            MOMENTS[name](row)
        period_end = row.day("period_end")
        if known_at < day_end(period_end):
            raise row.invalid(
                f"the statement is known at {known_at:%Y-%m-%d %H:%M} UTC, before its period {period_end} ends"
            )
        return Filing(
            Symbol(row.text("ticker")),
            period_end,
            _timeframe(row),
            _metrics(row),
            known_at,
            present == [ASSUMED],
            row.normalized_text("origin"),
        )


def _known_at(row: TableRow) -> datetime | None:
    problem: InvalidData | None = None
    for name, read in MOMENTS.items():
        if row.has(name):
            try:
                return read(row)
            except InvalidData as error:
                problem = problem or error
    if problem:
        raise problem
    return None


def _timeframe(row: TableRow) -> Timeframe:
    word = row.normalized_text("timeframe") or Timeframe.QUARTERLY
    try:
        return Timeframe(word)
    except ValueError as error:
        raise row.invalid(f"timeframe is {word!r}; it must be {' or '.join(Timeframe)}") from error


def _metrics(row: TableRow) -> Mapping[str, Decimal]:
    metrics = row.cells.get("metrics")
    if not isinstance(metrics, dict):
        raise row.invalid("metrics is not a JSON object")
    return {
        str(name): row.sane(f"metric {name}", value)
        for name, value in metrics.items()
        if isinstance(value, Decimal) and not value.is_nan()
    }
