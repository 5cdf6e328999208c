"""The files of one folder, each read once, when it is first asked for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...domain.errors import ConfigError
from ...domain.sessions import Calendar, calendar
from .actions import Dividends, Splits
from .checked import CheckedTrack
from .company import FilingTexts, Profiles
from .filings import Filings
from .index import FolderIndex
from .layout import LAYOUTS, PRICE_KINDS, Kind
from .macro import Macro
from .news import News
from .prices import DailyBars, HourlyBars
from .row import Row
from .table import Table, load
from .track import Answers, Reader, Track

EXCHANGE, CRYPTO = "XNYS", "24/7"
PLAIN_READERS: Mapping[Kind, Callable[[], Reader[Any]]] = {
    Kind.SPLITS: Splits,
    Kind.DIVIDENDS: Dividends,
    Kind.NEWS: News,
    Kind.FUNDAMENTALS: Filings,
    Kind.FILING_TEXTS: FilingTexts,
    Kind.PROFILE: Profiles,
}


class Shelf:
    """Holds the tables of a folder and the tracks of the tickers and series that were asked for.

    `index` keeps rows by key between processes. `calendars` names the exchange calendar of a ticker that keeps another
    than the usual one. What was read stays in memory for as long as the shelf lives; a file that changes meanwhile is
    not read again.
    """

    def __init__(
        self,
        files: Mapping[Kind, Path],
        calendars: Mapping[str, str] | None = None,
        index: FolderIndex | None = None,
    ) -> None:
        self.files, self._calendars, self._index = files, calendars or {}, index
        self._tables: dict[Kind, Table] = {}
        self._tracks: dict[tuple[Kind, str], Answers[Any]] = {}

    def table(self, kind: Kind) -> Table:
        """Return the rows of `kind`, none where the folder has no such file; raises InvalidData for a broken file."""
        if kind not in self._tables:
            path = self.files.get(kind)
            self._tables[kind] = self._read(kind, path) if path else _empty(kind)
        return self._tables[kind]

    def tickers(self) -> frozenset[str]:
        """Return every ticker with daily bars."""
        return frozenset(self.table(Kind.PRICES_DAILY).index) | frozenset(self.table(Kind.CRYPTO_DAILY).index)

    def daily_kind(self, ticker: str) -> Kind | None:
        """Return which file has the daily bars of `ticker`, if any; raises ConfigError when both have."""
        stocks, coins = self.table(Kind.PRICES_DAILY), self.table(Kind.CRYPTO_DAILY)
        if ticker in coins.index:
            if ticker in stocks.index:
                raise ConfigError(f"{ticker} is in both {stocks.file} and {coins.file}; keep it in one of them")
            return Kind.CRYPTO_DAILY
        return Kind.PRICES_DAILY if ticker in stocks.index else None

    def keys(self, kind: Kind) -> Collection[str]:
        """Return every ticker, or series, with rows of `kind`."""
        return self.table(kind).index.keys()

    def track(self, kind: Kind, key: str) -> Answers[Any]:
        """Return the rows of `key`, and those that do not say whose they are and might be its own."""
        if (kind, key) not in self._tracks:
            self._tracks[kind, key] = self._opened(kind, key)
        return self._tracks[kind, key]

    def _opened(self, kind: Kind, key: str) -> Answers[Any]:
        """Return a track of `key`, from what an earlier process kept of its rows where there is an index."""
        table, path = self.table(kind), self.files.get(kind)

        def build() -> Track[Any]:
            return self.build(kind, key, [*table.index.get(key, ()), *table.keyless])

        if self._index is None or path is None or key not in table.index:
            return build()
        keeps = self.calendar(kind, key) if kind in PRICE_KINDS else None
        slot = self._index.slot(path, kind, key, keeps)
        return build() if slot is None else CheckedTrack(table, key, self._reader(kind, key, ()), slot, build)

    def _read(self, kind: Kind, path: Path) -> Table:
        return load(path, LAYOUTS[kind]) if self._index is None else self._index.load(path, LAYOUTS[kind])

    def build(self, kind: Kind, key: str, positions: Sequence[int]) -> Track[Any]:
        """Return a track of the rows at `positions`, read as those of `key`."""
        table = self.table(kind)
        return Track(table, positions, self._reader(kind, key, map(table.read, table.index.get(key, ()))))

    def calendar(self, kind: Kind, key: str) -> Calendar:
        """Return the calendar that the bars of `key` in a file of `kind` keep."""
        if kind is Kind.PRICES_DAILY or (kind is Kind.PRICES_HOURLY and key not in self.table(Kind.CRYPTO_DAILY).index):
            return calendar(self._calendars.get(key, EXCHANGE))
        return calendar(CRYPTO)

    def _reader(self, kind: Kind, key: str, rows: Iterable[Row]) -> Reader[Any]:
        return reader(kind, lambda: self.calendar(kind, key), rows)


def reader(kind: Kind, sessions: Callable[[], Calendar], rows: Iterable[Row]) -> Reader[Any]:
    """Return what reads rows of `kind`, of one key that trades in `sessions`; a macro series is read by all `rows`."""
    if kind in (Kind.PRICES_DAILY, Kind.CRYPTO_DAILY):
        return DailyBars(sessions())
    if kind is Kind.PRICES_HOURLY:
        return HourlyBars(sessions())
    return Macro.of(rows) if kind is Kind.MACRO else PLAIN_READERS[kind]()


def _empty(kind: Kind) -> Table:
    nothing: Mapping[int, Row] = {}
    return Table(str(kind), LAYOUTS[kind], {}, (), nothing.__getitem__)
