"""`renames.csv`: listings that trade under another ticker from a date on, as `old,new,date`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ...domain.ids import Symbol
from ...domain.market import RenameRecord
from ..symbology import normalize_ticker
from .plain_csv import read_rows
from .row import TableRow, midnight

RENAMES = "renames.csv"


@dataclass(frozen=True, slots=True)
class FolderRenames:
    """The renames of a market folder, ordered by date."""

    records: tuple[RenameRecord, ...] = ()

    def of(self, symbol: Symbol, until: datetime) -> tuple[RenameRecord, ...]:
        """Return the renames of `symbol` to another ticker that were known at `until`, oldest first."""
        old = normalize_ticker(symbol)
        return tuple(each for each in self.records if each.symbol == old and each.known_at <= until)


def read_renames(folder: Path) -> FolderRenames:
    """Return the renames in `folder`, none without the file.

    A rename is known from 00:00 UTC of its date, or from `seen_at` if that is later. Raises InvalidData for an invalid
    or repeated line, and for a ticker that is the old and the new one of renames on one date.
    """
    records = _records(read_rows(folder, RENAMES))
    return FolderRenames(tuple(sorted(records, key=lambda each: (each.day, each.symbol))))


def _records(rows: Iterable[TableRow]) -> list[RenameRecord]:
    found, taken = list[RenameRecord](), set[tuple[Symbol, date]]()
    for row in rows:
        record = _record(row)
        if record.new == record.symbol:
            raise row.invalid(f"{record.symbol} is the old and the new ticker")
        for place in ((record.symbol, record.day), (record.new, record.day)):
            if place in taken:
                raise row.invalid(f"{place[0]} is in another rename of {place[1]}")
            taken.add(place)
        found.append(record)
    return found


def _record(row: TableRow) -> RenameRecord:
    old, new = (Symbol(normalize_ticker(row.text(name))) for name in ("old", "new"))
    known = midnight(day := row.day("date"))
    if row.has("seen_at"):
        known = max(known, row.known("seen_at"))
    return RenameRecord(old, new, day, known)
