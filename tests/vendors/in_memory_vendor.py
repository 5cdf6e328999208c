"""A vendor in memory: what it would answer at a moment, so that a whole year can be lived through in a test."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from openoutcry.domain.errors import NoData, OpenOutcryError
from openoutcry.market.archive.row_identity import earliest_known_at
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.port import VendorRequest, VendorRow

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """A row that the vendor gives from one moment on, and until another."""

    record: VendorRow
    since: datetime = LONG_AGO
    until: datetime = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class ShelfVendor:
    """Implements Vendor. `down` is raised instead of an answer while it is set; `asks` holds all that was asked."""

    name: str
    now: Callable[[], datetime]
    rows: list[Given] = field(default_factory=list)
    kinds: frozenset[DatasetKind] = frozenset(DatasetKind)
    down: OpenOutcryError | None = None
    asks: list[VendorRequest] = field(default_factory=list)

    def give(self, records: Iterable[VendorRow], since: datetime = LONG_AGO) -> "ShelfVendor":
        self.rows += [Given(record, since) for record in records]
        return self

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        self.asks.append(ask)
        if self.down:
            raise self.down
        mine = [each for each in self.rows if each.record.kind is ask.kind and ask.key in _keys(each.record)]
        if not mine:
            raise NoData(f"{self.name} does not know {ask.key}")
        now = self.now()
        return [each.record for each in mine if each.since <= now < each.until and _is_in(ask, each.record)]

    def check(self) -> None:
        if self.down:
            raise self.down


def _keys(record: VendorRow) -> tuple[object, ...]:
    return record.cells.get("ticker"), record.cells.get("series")


def _is_in(ask: VendorRequest, record: VendorRow) -> bool:
    if record.kind is DatasetKind.MACRO:
        return ask.since.date() <= date.fromisoformat(str(record.cells["date"])) <= ask.until.date()
    known = earliest_known_at(record.kind, record.cells)
    return known is None or ask.since - timedelta(days=1) < known <= ask.until


def row(kind: DatasetKind, *, dated: bool = True, **cells: object) -> VendorRow:
    """Return a row; numbers and dates are written as text."""
    return VendorRow(
        kind, {name: cell if isinstance(cell, Mapping) else str(cell) for name, cell in cells.items()}, dated
    )


def bar(
    ticker: str, day: date | str, close: object, kind: DatasetKind = DatasetKind.PRICES_DAILY, volume: int = 1000
) -> VendorRow:
    """Return a bar that does not move."""
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return row(kind, ticker=ticker, date=day, **prices, volume=volume)


def news(ticker: str, moment: datetime, title: str) -> VendorRow:
    """Return a headline."""
    published = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return row(DatasetKind.NEWS, ticker=ticker, published_at=published, title=title, summary="", source="wire", url="")
