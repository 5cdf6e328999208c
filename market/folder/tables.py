"""The tables of a market folder; each file is read once, on first use."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...domain.errors import ConfigError
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ..symbology import CRYPTO, NEW_YORK, exchange_of
from .checked import CheckedTrack
from .company import FilingTextReader, ProfileReader
from .corporate_actions import DividendReader, SplitReader
from .filings import FilingReader
from .index import FolderIndex
from .insider import InsiderReader
from .layout import LAYOUTS, PRICE_KINDS, DatasetKind
from .macro import MacroReader
from .news import NewsReader
from .point_in_time import Answers, FactReader, PointInTimeSeries
from .prices import DailyBarReader, HourlyBarReader
from .row import TableRow
from .table import FolderTable, load

PLAIN_READERS: Mapping[DatasetKind, Callable[[], FactReader[Any]]] = {
    DatasetKind.SPLITS: SplitReader,
    DatasetKind.DIVIDENDS: DividendReader,
    DatasetKind.NEWS: NewsReader,
    DatasetKind.FUNDAMENTALS: FilingReader,
    DatasetKind.FILING_TEXTS: FilingTextReader,
    DatasetKind.PROFILE: ProfileReader,
    DatasetKind.INSIDER: InsiderReader,
}


class FolderTables:
    """Tables of a folder, and point-in-time series of the requested tickers and macro series.

    `index` caches rows by key between processes. `calendars` maps a ticker to its exchange calendar if that is not
    XNYS. Loaded data stays in memory; a file that changes afterwards is not read again.
    """

    def __init__(
        self,
        files: Mapping[DatasetKind, Path],
        calendars: Mapping[str, str] | None = None,
        index: FolderIndex | None = None,
    ) -> None:
        self.files, self._calendars, self._index = files, calendars or {}, index
        self._tables: dict[DatasetKind, FolderTable] = {}
        self._tracks: dict[tuple[DatasetKind, str], Answers[Any]] = {}

    def table(self, kind: DatasetKind) -> FolderTable:
        """Return the table of `kind`, empty if the folder has no such file; raises the errors of `load`."""
        if kind not in self._tables:
            path = self.files.get(kind)
            self._tables[kind] = self._read(kind, path) if path else _empty(kind)
        return self._tables[kind]

    def tickers(self) -> frozenset[str]:
        """Return every ticker with daily bars."""
        return frozenset(self.table(DatasetKind.PRICES_DAILY).index) | frozenset(
            self.table(DatasetKind.CRYPTO_DAILY).index
        )

    def daily_kind(self, ticker: str) -> DatasetKind | None:
        """Return the kind of the daily bars of `ticker`, or None; raises ConfigError if both daily files have it."""
        stocks, crypto = self.table(DatasetKind.PRICES_DAILY), self.table(DatasetKind.CRYPTO_DAILY)
        if ticker in crypto.index:
            if ticker in stocks.index:
                raise ConfigError(f"{ticker} is in both {stocks.file} and {crypto.file}; keep it in one of them")
            return DatasetKind.CRYPTO_DAILY
        return DatasetKind.PRICES_DAILY if ticker in stocks.index else None

    def keys(self, kind: DatasetKind) -> Collection[str]:
        """Return every ticker or series with rows of `kind`."""
        return self.table(kind).index.keys()

    def track(self, kind: DatasetKind, key: str) -> Answers[Any]:
        """Return the point-in-time rows of `key`, including the rows without a key, which might belong to it."""
        if (kind, key) not in self._tracks:
            self._tracks[kind, key] = self._opened(kind, key)
        return self._tracks[kind, key]

    def _opened(self, kind: DatasetKind, key: str) -> Answers[Any]:
        """Return the series of `key`, using the placement stored by an earlier process if there is an index."""
        table, path = self.table(kind), self.files.get(kind)

        def build() -> PointInTimeSeries[Any]:
            return self.build(kind, key, [*table.index.get(key, ()), *table.keyless])

        if self._index is None or path is None or key not in table.index:
            return build()
        keeps = self.calendar(kind, key) if kind in PRICE_KINDS else None
        slot = self._index.slot(path, kind, key, keeps)
        return build() if slot is None else CheckedTrack(table, key, self._reader(kind, key, ()), slot, build)

    def _read(self, kind: DatasetKind, path: Path) -> FolderTable:
        return load(path, LAYOUTS[kind]) if self._index is None else self._index.load(path, LAYOUTS[kind])

    def build(self, kind: DatasetKind, key: str, positions: Sequence[int]) -> PointInTimeSeries[Any]:
        """Return the point-in-time series of the rows at `positions`, read as rows of `key`."""
        table = self.table(kind)
        return PointInTimeSeries(table, positions, self._reader(kind, key, map(table.read, table.index.get(key, ()))))

    def calendar(self, kind: DatasetKind, key: str) -> TradingCalendar:
        """Return the exchange calendar of the bars of `key` in the file of `kind`."""
        if kind is DatasetKind.PRICES_DAILY or (
            kind is DatasetKind.PRICES_HOURLY and key not in self.table(DatasetKind.CRYPTO_DAILY).index
        ):
            return trading_calendar(folder_calendar(key, self._calendars))
        return trading_calendar(CRYPTO)

    def _reader(self, kind: DatasetKind, key: str, rows: Iterable[TableRow]) -> FactReader[Any]:
        return row_reader_for(kind, lambda: self.calendar(kind, key), rows)


def folder_calendar(ticker: str, calendars: Mapping[str, str]) -> str:
    """Return the exchange calendar of a ticker: that of the folder's manifest, else that of its suffix, else XNYS.

    Raises NoData for an unknown suffix.
    """
    return calendars.get(ticker) or (exchange_of(ticker).calendar if "." in ticker else NEW_YORK)


def row_reader_for(
    kind: DatasetKind, sessions: Callable[[], TradingCalendar], rows: Iterable[TableRow]
) -> FactReader[Any]:
    """Return the reader for rows of `kind` of one key.

    `sessions` returns the calendar of the key; it is called for bars only. `rows` are all rows of the key; they are
    used for macro series only.
    """
    if kind in (DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY):
        return DailyBarReader(sessions())
    if kind is DatasetKind.PRICES_HOURLY:
        return HourlyBarReader(sessions())
    return MacroReader.of(rows) if kind is DatasetKind.MACRO else PLAIN_READERS[kind]()


def _empty(kind: DatasetKind) -> FolderTable:
    nothing: Mapping[int, TableRow] = {}
    return FolderTable(str(kind), LAYOUTS[kind], {}, (), nothing.__getitem__)
