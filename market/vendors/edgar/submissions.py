"""What a filer submitted, and when the public could read it.

The shape is that of `data.sec.gov/submissions` (https://www.sec.gov/search-filings/edgar-application-programming-interfaces).
Two traps lie in its times:

- `acceptanceDateTime` ends in Z for every filer, but for about a fifth of them it is the clock of New York, not UTC
  (https://github.com/theOGognf/finagg/issues/64 compares 64,936 filings with their headers). EDGAR takes filings from
  6 to 22 o'clock in New York (17 CFR 232.12), so a filer's own record usually shows which clock it is.
  Where it does not, the later reading counts.
- What is submitted after 17:30 bears the date of the next business day (17 CFR 232.13) and is shown to the public from
  6 o'clock on that day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ....domain.errors import InvalidData
from ...folder.row import day_end

NAME = "sec"
NEW_YORK = ZoneInfo("America/New_York")
EDGAR_OPEN, EARLIEST_STAMP, LATEST_STAMP = time(6), time(5, 30), time(23)
"""EDGAR's day begins at 6; stamps are seen a little outside of its hours."""
COLUMNS = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "primaryDocument")
ODD_SHAPE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class EdgarSubmission:
    """One filing.

    Attributes:
        public_at: since when it could be read.
        document: name of its main document, empty where there is none.
        items: the item numbers of a report of events, comma separated.
    """

    accession: str
    form: str
    filed: date
    public_at: datetime
    document: str
    items: str


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """An older part of a filer's list: its file, and the dates between which its filings lie."""

    name: str
    first: date
    last: date


def older_pages(document: Any) -> Sequence[SubmissionPage]:
    """Return the older parts that `document`, the first answer about a filer, names."""
    try:
        return [
            SubmissionPage(
                str(part["name"]), date.fromisoformat(part["filingFrom"]), date.fromisoformat(part["filingTo"])
            )
            for part in document["filings"]["files"]
        ]
    except ODD_SHAPE as error:
        raise _odd(error) from error


def submissions(newest: Any, older: Iterable[Any]) -> Sequence[EdgarSubmission]:
    """Return the filings in `newest` and `older` (columns of equal length), as listed; InvalidData for another shape.

    Only the newest, which are always there, tell the filer's clock, so that a filing has the same moment whatever the
    window was.
    """
    try:
        first = _rows(newest)
        utc = in_utc(wall for row in first if (wall := _wall(row["acceptanceDateTime"])))
        return [_submission(row, utc=utc) for row in (*first, *(row for table in older for row in _rows(table)))]
    except ODD_SHAPE as error:
        raise _odd(error) from error


def recent(document: Any) -> Any:
    """Return the newest filings in the first answer about a filer."""
    try:
        return document["filings"]["recent"]
    except ODD_SHAPE as error:
        raise _odd(error) from error


def in_utc(walls: Iterable[datetime]) -> bool:
    """Say whether the stamps of one filer are UTC for certain: some can be nothing else, none must be New York's."""
    read = [(_open(wall.replace(tzinfo=UTC).astimezone(NEW_YORK)), _open(wall)) for wall in walls]
    return (True, False) in read and (False, True) not in read


def public_at(wall: datetime, filed: date, *, utc: bool) -> datetime:
    """Return since when a filing stamped `wall` could be read, in UTC."""
    accepted = wall.replace(tzinfo=UTC if utc else NEW_YORK)
    return max(accepted, datetime.combine(filed, EDGAR_OPEN, NEW_YORK)).astimezone(UTC)


def _rows(table: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    columns = {name: table[name] for name in (*COLUMNS, *(name for name in ("items",) if name in table))}
    if any(not isinstance(column, list) for column in columns.values()):
        raise TypeError("a column is no list")
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _submission(row: Mapping[str, Any], *, utc: bool) -> EdgarSubmission:
    filed, wall = date.fromisoformat(row["filingDate"]), _wall(row["acceptanceDateTime"])
    known = day_end(filed) if wall is None else public_at(wall, filed, utc=utc)
    texts = [row[name] or "" for name in ("accessionNumber", "form", "primaryDocument")] + [row.get("items") or ""]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a cell is no text")
    accession, form, document, items = texts
    return EdgarSubmission(accession, form, filed, known, document, items)


def _wall(stamp: str | None) -> datetime | None:
    """Return the clock face that a stamp shows; a date alone is no stamp."""
    if not stamp or len(stamp) == len("2025-01-02"):
        return None
    return datetime.fromisoformat(stamp).replace(tzinfo=None)


def _open(local: datetime) -> bool:
    return EARLIEST_STAMP <= local.time() < LATEST_STAMP


def _odd(error: Exception) -> InvalidData:
    return InvalidData(NAME, None, f"the list of submissions has another shape than documented ({error!r})")
