"""A vendor in memory: what it would answer at a moment, so that a whole year can be lived through in a test."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from openoutcry.domain.errors import NoData, OpenOutcryError
from openoutcry.tools.archive.identity import could_be_known
from openoutcry.tools.folder.layout import Kind
from openoutcry.tools.vendors.port import Ask, Record

LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """A row that the vendor gives from one moment on, and until another."""

    record: Record
    since: datetime = LONG_AGO
    until: datetime = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class ShelfVendor:
    """Implements Vendor. `down` is raised instead of an answer while it is set; `asks` holds all that was asked."""

    name: str
    now: Callable[[], datetime]
    rows: list[Given] = field(default_factory=list)
    kinds: frozenset[Kind] = frozenset(Kind)
    down: OpenOutcryError | None = None
    asks: list[Ask] = field(default_factory=list)

    def give(self, records: Iterable[Record], since: datetime = LONG_AGO) -> "ShelfVendor":
        self.rows += [Given(record, since) for record in records]
        return self

    def fetch(self, ask: Ask) -> Sequence[Record]:
        self.asks.append(ask)
        if self.down:
            raise self.down
        mine = [each for each in self.rows if each.record.kind is ask.kind and ask.key in _keys(each.record)]
        if not mine:
            raise NoData(f"{self.name} does not know {ask.key}")
        now = self.now()
        return [each.record for each in mine if each.since <= now < each.until and _is_in(ask, each.record)]

    def probe(self) -> None:
        if self.down:
            raise self.down


def _keys(record: Record) -> tuple[object, ...]:
    return record.cells.get("ticker"), record.cells.get("series")


def _is_in(ask: Ask, record: Record) -> bool:
    if record.kind is Kind.MACRO:
        return ask.since.date() <= date.fromisoformat(str(record.cells["date"])) <= ask.until.date()
    known = could_be_known(record.kind, record.cells)
    return known is None or ask.since - timedelta(days=1) < known <= ask.until


def row(kind: Kind, *, dated: bool = True, **cells: object) -> Record:
    """Return a row; numbers and dates are written as text."""
    return Record(kind, {name: cell if isinstance(cell, Mapping) else str(cell) for name, cell in cells.items()}, dated)


def bar(ticker: str, day: date | str, close: object, kind: Kind = Kind.PRICES_DAILY, volume: int = 1000) -> Record:
    """Return a bar that does not move."""
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return row(kind, ticker=ticker, date=day, **prices, volume=volume)


def news(ticker: str, moment: datetime, title: str) -> Record:
    """Return a headline."""
    published = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return row(Kind.NEWS, ticker=ticker, published_at=published, title=title, summary="", source="wire", url="")
