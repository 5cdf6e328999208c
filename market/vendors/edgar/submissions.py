"""Submissions of a filer and their publication times.

The format is that of `data.sec.gov/submissions` (https://www.sec.gov/search-filings/edgar-application-programming-interfaces).
Two properties of its times need care:

- `acceptanceDateTime` ends in Z for every filer, but for about a fifth of them it is New York time, not UTC
  (https://github.com/theOGognf/finagg/issues/64 compares 64,936 filings with their headers). EDGAR accepts filings from
  6:00 to 22:00 New York time (17 CFR 232.12), so the stamps of a filer usually show which time zone is used. If they do
  not, the later of the two times is used.
- A filing submitted after 17:30 gets the date of the next business day (17 CFR 232.13) and becomes public at 6:00 on
  that day.
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
"""EDGAR opens at 6:00 New York time; stamps slightly outside its hours occur."""
COLUMNS = ("accessionNumber", "filingDate", "acceptanceDateTime", "form", "primaryDocument")
ODD_SHAPE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class EdgarSubmission:
    """One filing.

    Attributes:
        public_at: publication time, UTC.
        document: file name of the main document; empty if there is none.
        items: item numbers of an 8-K, comma-separated.
    """

    accession: str
    form: str
    filed: date
    public_at: datetime
    document: str
    items: str


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """An older page of a filer's list: its file name, and the first and last filing date."""

    name: str
    first: date
    last: date


def older_pages(document: Any) -> Sequence[SubmissionPage]:
    """Return the older pages listed in `document`, the main submissions document; InvalidData for another format."""
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
    """Return the filings in `newest` and `older` (tables as columns of equal length), in the order listed.

    The time zone of the stamps is inferred from `newest` only, which is always available, so that the publication time
    of a filing does not depend on the requested window. Raises InvalidData for another format.
    """
    try:
        first = _rows(newest)
        utc = in_utc(wall for row in first if (wall := _wall(row["acceptanceDateTime"])))
        return [_submission(row, utc=utc) for row in (*first, *(row for table in older for row in _rows(table)))]
    except ODD_SHAPE as error:
        raise _odd(error) from error


def recent(document: Any) -> Any:
    """Return the table of the newest filings in the main submissions document; InvalidData for another format."""
    try:
        return document["filings"]["recent"]
    except ODD_SHAPE as error:
        raise _odd(error) from error


def in_utc(walls: Iterable[datetime]) -> bool:
    """Return whether the stamps of one filer are certainly UTC.

    That is the case if at least one stamp is plausible in UTC only, and none in New York time only.
    """
    read = [(_open(wall.replace(tzinfo=UTC).astimezone(NEW_YORK)), _open(wall)) for wall in walls]
    return (True, False) in read and (False, True) not in read


def public_at(wall: datetime, filed: date, *, utc: bool) -> datetime:
    """Return the publication time, in UTC, of a filing with the naive acceptance time `wall` and the date `filed`."""
    accepted = wall.replace(tzinfo=UTC if utc else NEW_YORK)
    return max(accepted, datetime.combine(filed, EDGAR_OPEN, NEW_YORK)).astimezone(UTC)


def _rows(table: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    columns = {name: table[name] for name in (*COLUMNS, *(name for name in ("items",) if name in table))}
    if any(not isinstance(column, list) for column in columns.values()):
        raise TypeError("a column is not a list")
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _submission(row: Mapping[str, Any], *, utc: bool) -> EdgarSubmission:
    filed, wall = date.fromisoformat(row["filingDate"]), _wall(row["acceptanceDateTime"])
    known = day_end(filed) if wall is None else public_at(wall, filed, utc=utc)
    texts = [row[name] or "" for name in ("accessionNumber", "form", "primaryDocument")] + [row.get("items") or ""]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a cell is not text")
    accession, form, document, items = texts
    return EdgarSubmission(accession, form, filed, known, document, items)


def _wall(stamp: str | None) -> datetime | None:
    """Return the naive time of a stamp; None for a missing stamp or a date without a time."""
    if not stamp or len(stamp) == len("2025-01-02"):
        return None
    return datetime.fromisoformat(stamp).replace(tzinfo=None)


def _open(local: datetime) -> bool:
    return EARLIEST_STAMP <= local.time() < LATEST_STAMP


def _odd(error: Exception) -> InvalidData:
    return InvalidData(NAME, None, f"the list of submissions does not have the documented format ({error!r})")
