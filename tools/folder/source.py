"""The market folder as a source of market data."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ...domain.errors import NoData
from ...domain.ids import Symbol
from ...domain.market import Bar, Dividend, Filing, Interval, MacroPoint, NewsItem, Split
from .layout import Kind, find, only
from .shelf import CRYPTO, EXCHANGE, Shelf


def open_folder(path: Path) -> "FolderSource":
    """Open the market folder `path`; its files are read when they are first asked for.

    Raises ConfigError for a folder that is missing, is none, is empty, or holds no price file or two files of a kind.
    """
    return FolderSource(Shelf(only(find(path))))


class FolderSource:
    """Answers from the files of a folder; the contract is that of `MarketSource`.

    A row becomes known:
    - daily bars: at the close of their session, half days included; crypto: at the end of the UTC day;
    - hourly bars: an hour after their start, at the latest at the close of the session;
    - splits and dividends: at 00:00 UTC of the ex-date;
    - news: at the end of the day, hour or minute that `precision` names, else at once;
    - statements: at accepted_at, else at the end of the day filed_at, else of filed_at_assumed;
    - macro: at released_at, else a lag after the reference date (see `macro`).
    Every row of a symbol that is known by `until` is checked, whether or not it is asked for.
    """

    name = "folder"
    synthetic = False

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def symbols(self) -> Sequence[Symbol]:
        """Return every ticker of both daily files, sorted, whenever its bars begin; raises ConfigError for a clash."""
        return tuple(Symbol(ticker) for ticker in sorted(self._shelf.tickers()) if self._shelf.daily_kind(ticker))

    def calendar_name(self, symbol: Symbol) -> str:
        """Return `24/7` for a ticker of crypto_daily, `XNYS` for any other with bars; raises NoData without bars."""
        kind = self._shelf.daily_kind(symbol)
        if kind is None and symbol not in self._shelf.table(Kind.PRICES_HOURLY).index:
            raise NoData(f"the market folder holds no bars of {symbol}; check the ticker or add it to prices_daily")
        return CRYPTO if kind is Kind.CRYPTO_DAILY else EXCHANGE

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` bars; raises ConfigError for a symbol that is in both daily files."""
        kind = self._shelf.daily_kind(symbol) or Kind.PRICES_DAILY
        if interval is Interval.HOUR:
            kind = Kind.PRICES_HOURLY
        return self._shelf.track(kind, symbol).last(count, until=until)

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return self._shelf.track(Kind.SPLITS, symbol).between(None, until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self._shelf.track(Kind.DIVIDENDS, symbol).between(None, until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return self._shelf.track(Kind.NEWS, symbol).between(since, until)

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self._shelf.track(Kind.FUNDAMENTALS, symbol).between(None, until)

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return self._shelf.track(Kind.MACRO, series).last(count, until=until)

    def macro_series(self) -> Sequence[str]:
        return tuple(sorted(self._shelf.table(Kind.MACRO).index))
