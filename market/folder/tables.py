"""The files of one folder, each read once, when it is first asked for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...domain.errors import ConfigError
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from .checked import CheckedTrack
from .company import FilingTextReader, ProfileReader
from .corporate_actions import DividendReader, SplitReader
from .filings import FilingReader
from .index import FolderIndex
from .layout import LAYOUTS, PRICE_KINDS, DatasetKind
from .macro import MacroReader
from .news import NewsReader
from .point_in_time import Answers, FactReader, PointInTimeSeries
from .prices import DailyBarReader, HourlyBarReader
from .row import TableRow
from .table import FolderTable, load

EXCHANGE, CRYPTO = "XNYS", "24/7"
PLAIN_READERS: Mapping[DatasetKind, Callable[[], FactReader[Any]]] = {
    DatasetKind.SPLITS: SplitReader,
    DatasetKind.DIVIDENDS: DividendReader,
    DatasetKind.NEWS: NewsReader,
    DatasetKind.FUNDAMENTALS: FilingReader,
    DatasetKind.FILING_TEXTS: FilingTextReader,
    DatasetKind.PROFILE: ProfileReader,
}


class FolderTables:
    """Holds the tables of a folder and the tracks of the tickers and series that were asked for.

    `index` keeps rows by key between processes. `calendars` names the exchange calendar of a ticker that keeps another
    than the usual one. What was read stays in memory for as long as the shelf lives; a file that changes meanwhile is
    not read again.
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
        """Return the rows of `kind`, none where the folder has no such file; raises InvalidData for a broken file."""
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
        """Return which file has the daily bars of `ticker`, if any; raises ConfigError when both have."""
        stocks, crypto = self.table(DatasetKind.PRICES_DAILY), self.table(DatasetKind.CRYPTO_DAILY)
        if ticker in crypto.index:
            if ticker in stocks.index:
                raise ConfigError(f"{ticker} is in both {stocks.file} and {crypto.file}; keep it in one of them")
            return DatasetKind.CRYPTO_DAILY
        return DatasetKind.PRICES_DAILY if ticker in stocks.index else None

    def keys(self, kind: DatasetKind) -> Collection[str]:
        """Return every ticker, or series, with rows of `kind`."""
        return self.table(kind).index.keys()

    def track(self, kind: DatasetKind, key: str) -> Answers[Any]:
        """Return the rows of `key`, and those that do not say whose they are and might be its own."""
        if (kind, key) not in self._tracks:
            self._tracks[kind, key] = self._opened(kind, key)
        return self._tracks[kind, key]

    def _opened(self, kind: DatasetKind, key: str) -> Answers[Any]:
        """Return a track of `key`, from what an earlier process kept of its rows where there is an index."""
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
        """Return a track of the rows at `positions`, read as those of `key`."""
        table = self.table(kind)
        return PointInTimeSeries(table, positions, self._reader(kind, key, map(table.read, table.index.get(key, ()))))

    def calendar(self, kind: DatasetKind, key: str) -> TradingCalendar:
        """Return the calendar that the bars of `key` in a file of `kind` keep."""
        if kind is DatasetKind.PRICES_DAILY or (
            kind is DatasetKind.PRICES_HOURLY and key not in self.table(DatasetKind.CRYPTO_DAILY).index
        ):
            return trading_calendar(self._calendars.get(key, EXCHANGE))
        return trading_calendar(CRYPTO)

    def _reader(self, kind: DatasetKind, key: str, rows: Iterable[TableRow]) -> FactReader[Any]:
        return row_reader_for(kind, lambda: self.calendar(kind, key), rows)


def row_reader_for(
    kind: DatasetKind, sessions: Callable[[], TradingCalendar], rows: Iterable[TableRow]
) -> FactReader[Any]:
    """Return what reads rows of `kind`, of one key that trades in `sessions`; a macro series is read by all `rows`."""
    if kind in (DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY):
        return DailyBarReader(sessions())
    if kind is DatasetKind.PRICES_HOURLY:
        return HourlyBarReader(sessions())
    return MacroReader.of(rows) if kind is DatasetKind.MACRO else PLAIN_READERS[kind]()


def _empty(kind: DatasetKind) -> FolderTable:
    nothing: Mapping[int, TableRow] = {}
    return FolderTable(str(kind), LAYOUTS[kind], {}, (), nothing.__getitem__)
