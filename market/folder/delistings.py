"""`delistings.csv`: listings that ended, as `symbol,date,price`."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ...domain.ids import Symbol
from ...domain.market import DelistingRecord
from ..symbology import normalize_ticker
from .plain_csv import read_rows
from .row import TableRow, midnight

DELISTINGS = "delistings.csv"


@dataclass(frozen=True, slots=True)
class FolderDelistings:
    """The delistings of a market folder, ordered by date."""

    records: tuple[DelistingRecord, ...] = ()

    def of(self, symbol: Symbol, until: datetime) -> tuple[DelistingRecord, ...]:
        """Return the delistings of `symbol` that were known at `until`, oldest first."""
        name = normalize_ticker(symbol)
        return tuple(each for each in self.records if each.symbol == name and each.known_at <= until)


def read_delistings(folder: Path) -> FolderDelistings:
    """Return the delistings in `folder`, none without the file.

    `date` is the first session without the listing, and `price` what a share is worth then, in the unit of the prices;
    0 for a worthless one. A delisting is known from 00:00 UTC of its date, or from `seen_at` if that is later.
    Raises InvalidData for an invalid or repeated line.
    """
    found: dict[tuple[Symbol, date], DelistingRecord] = {}
    for row in read_rows(folder, DELISTINGS):
        record = _record(row)
        place = (record.symbol, record.day)
        if place in found:
            raise row.invalid(f"{record.symbol} has another delisting on {record.day}")
        found[place] = record
    return FolderDelistings(tuple(sorted(found.values(), key=lambda each: (each.day, each.symbol))))


def _record(row: TableRow) -> DelistingRecord:
    symbol, price = Symbol(normalize_ticker(row.text("symbol"))), row.number_in("price")
    if price < 0:
        raise row.invalid(f"price is {price}; it must not be negative")
    known = midnight(day := row.day("date"))
    if row.has("seen_at"):
        known = max(known, row.known("seen_at"))
    return DelistingRecord(symbol, day, price, known)
