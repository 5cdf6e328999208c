"""Market source over a market folder, or over any other store of rows in the same layout."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from ...domain.errors import ConfigError, DataError, InvalidData, NoData, SourceUnavailable
from ...domain.ids import Symbol
from ...domain.market import (
    Bar,
    DelistingRecord,
    Dividend,
    Filing,
    FilingText,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    RenameRecord,
    Split,
)
from ..price_history import MARKET_PROXIES
from ..symbology import CRYPTO, normalize_ticker
from .accepted_jumps import AcceptedJumps, read_accepted_jumps
from .delistings import FolderDelistings, read_delistings
from .index import FolderIndex
from .layout import DatasetKind, find, require_unique
from .manifest import Manifest, outage_warnings, read_manifest
from .point_in_time import Answers
from .quarantine import WithheldBar, blocks, judge
from .renames import FolderRenames, read_renames
from .tables import FolderTables, folder_calendar


class TableStore(Protocol):
    """Store of the rows of a market by kind and key."""

    def tickers(self) -> frozenset[str]:
        """Return every ticker with daily bars."""
        ...

    def daily_kind(self, ticker: str) -> DatasetKind | None:
        """Return the kind of the daily bars of `ticker`; None if there are none."""
        ...

    def keys(self, kind: DatasetKind) -> Collection[str]:
        """Return every ticker or series with rows of `kind`."""
        ...

    def track(self, kind: DatasetKind, key: str) -> Answers[Any]:
        """Return the point-in-time rows of `kind` for `key`."""
        ...


def open_folder(path: Path, *, cache: Path | None = None) -> "FolderSource":
    """Open the market folder `path`; its files are read on first use.

    With `cache`, rows are indexed in that folder by ticker and series, and unchanged files are not read again.

    Raises:
        ConfigError: the folder is missing, not a folder, empty, without a price file, or with several files of one
            kind; or its market.json is invalid.
        InvalidData: its renames.csv or delistings.csv is invalid.
    """
    files = require_unique(find(path))
    manifest = read_manifest(path)
    index = None if cache is None else FolderIndex(cache)
    return FolderSource(
        FolderTables(files, manifest.calendars, index),
        manifest,
        read_accepted_jumps(path),
        read_renames(path),
        read_delistings(path),
    )


class FolderSource:
    """Market source over stored rows; implements the contract of `MarketSource`.

    A row becomes known:
    - daily bars: at the close of their session, including early closes; crypto: at the end of the UTC day;
    - hourly bars: one hour after their start, or at the close of the session if that is earlier;
    - splits and dividends: at 00:00 UTC of the ex-date;
    - news: at the end of the day, hour or minute given by `precision`, otherwise at published_at;
    - statements: at accepted_at, otherwise at the end of the day of filed_at, otherwise of filed_at_assumed;
    - sections of filings: at accepted_at;
    - trades of insiders: at filed_at, the end of the day for a date;
    - macro: at released_at, otherwise a lag after the reference date (see the module `macro`);
    - any row: not before `seen_at`, if present; profiles describe the time of their fetch and require it.

    All rows of a symbol known at `until` are checked, whether or not they are requested. Data listed as an outage
    without older rows in the manifest raises SourceUnavailable.
    """

    synthetic = False

    def __init__(
        self,
        shelf: TableStore,
        manifest: Manifest,
        accepted: AcceptedJumps = AcceptedJumps(),  # noqa: B008 -- frozen
        renames: FolderRenames = FolderRenames(),  # noqa: B008 -- frozen
        delistings: FolderDelistings = FolderDelistings(),  # noqa: B008 -- frozen
    ) -> None:
        self.name = manifest.name
        self._shelf, self._manifest, self._accepted = shelf, manifest, accepted
        self._renames, self._delistings = renames, delistings
        self._lacking = {(outage.kind, outage.key): outage.text for outage in manifest.outages if not outage.held}

    def symbols(self) -> Sequence[Symbol]:
        """Return every ticker with daily bars, sorted; raises ConfigError if one is in both daily files."""
        return tuple(Symbol(ticker) for ticker in sorted(self._shelf.tickers()) if self._shelf.daily_kind(ticker))

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        """Return the calendar of a ticker, `24/7` for crypto; raises NoData if it has no bars, or none by `until`."""
        symbol = Symbol(normalize_ticker(symbol))
        kind = self._shelf.daily_kind(symbol)
        hourly = symbol in self._shelf.keys(DatasetKind.PRICES_HOURLY)
        kinds = (*([kind] if kind else ()), *([DatasetKind.PRICES_HOURLY] if hourly else ()))
        if not kinds or (until is not None and not any(self._has_rows(each, symbol, until) for each in kinds)):
            self._check(DatasetKind.PRICES_DAILY, symbol)
            raise NoData(f"the market folder holds no bars of {symbol}; check the ticker or add it to prices_daily")
        return CRYPTO if kind is DatasetKind.CRYPTO_DAILY else folder_calendar(symbol, self._manifest.calendars)

    def _has_rows(self, kind: DatasetKind, symbol: Symbol, until: datetime) -> bool:
        """Return whether a row was known by `until`; a row that is invalid counts, and is reported when it is read."""
        try:
            return bool(self._track(kind, symbol).last(1, until=until))
        except InvalidData:
            return True

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` bars; raises ConfigError for a symbol that is in both daily files."""
        return self.bars_since(None, symbol, interval, until=until, count=count)

    def bars_since(
        self, first: date | None, symbol: Symbol, interval: Interval, *, until: datetime, count: int
    ) -> tuple[Bar, ...]:
        """Return the last `count` bars of the sessions from `first` on, judged by one another alone."""
        kind = self._kind(symbol, interval)
        track = self._track(kind, symbol)
        if track.has_jump(until):
            served, _ = self._judged(kind, symbol, until, first)
            return served[max(0, len(served) - max(0, count)) :]
        return tuple(bar for bar in track.last(count, until=until) if first is None or bar.session >= first)

    def all_bars(self, symbol: Symbol, interval: Interval, *, until: datetime) -> Sequence[Bar]:
        """Return every bar known at `until`, those that are withheld included."""
        return self._track(self._kind(symbol, interval), symbol).between(None, until)

    def has_jump(self, symbol: Symbol, interval: Interval, until: datetime) -> bool:
        """Return whether bars known at `until` lie so far apart that splits have to be looked at."""
        return self._track(self._kind(symbol, interval), symbol).has_jump(until)

    def withheld(self, symbol: Symbol, until: datetime, first: date | None = None) -> tuple[WithheldBar, ...]:
        """Return the daily bars that are not served at `until`, oldest first."""
        kind = self._kind(symbol, Interval.DAY)
        return self._judged(kind, symbol, until, first)[1] if self._track(kind, symbol).has_jump(until) else ()

    def withheld_warnings(self, symbol: Symbol, until: datetime, first: date | None = None) -> tuple[str, ...]:
        """Return one sentence about the last block of bars that are withheld at `until`, if any."""
        try:
            found = blocks(self.withheld(symbol, until, first))
        except (DataError, ConfigError):  # the bars themselves raise it
            return ()
        return tuple(f"{count} bar(s) withheld: {block.reason}" for block, count in found)[-1:]

    def _kind(self, symbol: Symbol, interval: Interval) -> DatasetKind:
        if interval is Interval.HOUR:
            return DatasetKind.PRICES_HOURLY
        return self._shelf.daily_kind(normalize_ticker(symbol)) or DatasetKind.PRICES_DAILY

    def _judged(
        self, kind: DatasetKind, symbol: Symbol, until: datetime, first: date | None
    ) -> tuple[tuple[Bar, ...], tuple[WithheldBar, ...]]:
        bars = self._track(kind, symbol).between(None, until)
        held = [bar for bar in bars if first is None or bar.session >= first]
        splits = self._track(DatasetKind.SPLITS, symbol).between(None, until)
        return judge(held, splits, lambda bar: self._accepted.accepts(bar, until))

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return self._track(DatasetKind.SPLITS, symbol).between(None, until)

    def renames(self, symbol: Symbol, *, until: datetime) -> Sequence[RenameRecord]:
        return self._renames.of(symbol, until)

    def delistings(self, symbol: Symbol, *, until: datetime) -> Sequence[DelistingRecord]:
        return self._delistings.of(symbol, until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self._track(DatasetKind.DIVIDENDS, symbol).between(None, until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return self._track(DatasetKind.NEWS, symbol).between(since, until)

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self._track(DatasetKind.FUNDAMENTALS, symbol).between(None, until)

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        return self._track(DatasetKind.FILING_TEXTS, symbol).between(None, until)

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        return self._track(DatasetKind.INSIDER, symbol).between(None, until)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        found: Sequence[Profile] = self._track(DatasetKind.PROFILE, symbol).last(1, until=until)
        return found[0] if found else None

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return self._track(DatasetKind.MACRO, series).last(count, until=until)

    def macro_series(self) -> Sequence[str]:
        return tuple(sorted(self._shelf.keys(DatasetKind.MACRO)))

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return (
            *outage_warnings(self._manifest.outages, symbol, MARKET_PROXIES),
            *self.withheld_warnings(symbol, until),
        )

    def _track(self, kind: DatasetKind, key: str) -> Answers[Any]:
        key = key if kind is DatasetKind.MACRO else normalize_ticker(key)
        self._check(kind, key)
        return self._shelf.track(kind, key)

    def _check(self, kind: DatasetKind, key: str) -> None:
        """Raise SourceUnavailable if the manifest lists an outage and no rows exist."""
        if text := self._lacking.get((kind, key)):
            raise SourceUnavailable(text)
