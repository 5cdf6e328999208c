"""A market source that answers as another one; subclasses change single answers."""

from collections.abc import Sequence
from datetime import datetime

from ..domain.ids import Symbol
from ..domain.market import (
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
from .source import MarketSource
from .source_capabilities import delistings_of, renames_of, server_time_of


class DelegatingSource:
    """Implements `MarketSource` and its capabilities with the answers of `inner`."""

    def __init__(self, inner: MarketSource) -> None:
        self.inner = inner
        self.name, self.synthetic = inner.name, inner.synthetic

    def server_time(self) -> datetime | None:
        """Return the time that the vendors of the other source stated last; None if it has none."""
        return server_time_of(self.inner)

    def symbols(self) -> Sequence[Symbol]:
        return self.inner.symbols()

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        return self.inner.calendar_name(symbol, until=until)

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        return self.inner.bars(symbol, interval, until=until, count=count)

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return self.inner.splits(symbol, until=until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self.inner.dividends(symbol, until=until)

    def delistings(self, symbol: Symbol, *, until: datetime) -> Sequence[DelistingRecord]:
        """Return the recorded delistings of `symbol`; none if the other source has no such records."""
        return delistings_of(self.inner, symbol, until)

    def renames(self, symbol: Symbol, *, until: datetime) -> Sequence[RenameRecord]:
        """Return the recorded renames of `symbol`; none if the other source has no such records."""
        return renames_of(self.inner, symbol, until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return self.inner.news(symbol, since=since, until=until)

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self.inner.filings(symbol, until=until)

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        return self.inner.filing_texts(symbol, until=until)

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        return self.inner.insider_trades(symbol, until=until)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        return self.inner.profile(symbol, until=until)

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return self.inner.macro(series, until=until, count=count)

    def macro_series(self) -> Sequence[str]:
        return self.inner.macro_series()

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return self.inner.warnings(symbol, until=until)
