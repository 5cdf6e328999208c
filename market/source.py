"""The market data port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..domain.ids import Symbol
from ..domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
)


class MarketSource(Protocol):
    """Holds market facts and answers what was known by a moment.

    Contract of every reading method:
    - it returns only facts with `known_at <= until`, oldest first (by `known_at`, then session, period or ex-date);
      a restated fact stands where it first stood, known from when it was restated; `count` keeps the last ones;
    - an empty answer, or NoData where there is more to say, means that there is nothing; what could not be asked raises
      SourceUnavailable;
    - a defective row raises InvalidData, but only once it would be visible: a defect dated after `until` is not seen;
    - prices are raw as traded;
    - the answer depends on nothing but the arguments and the stored facts with `known_at <= until`.

    Attributes:
        name: short name that evidence is labelled with, such as `folder` or `demo`. Never a path.
        synthetic: whether the market is made up; every output says so.
    """

    @property
    def name(self) -> str: ...

    @property
    def synthetic(self) -> bool: ...

    def symbols(self) -> Sequence[Symbol]:
        """Return every symbol with daily bars, sorted."""
        ...

    def calendar_name(self, symbol: Symbol) -> str:
        """Return the exchange calendar of `symbol`: `XNYS`, or `24/7` for crypto; raises NoData if it is unknown."""
        ...

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]: ...

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]: ...

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]: ...

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        """Return the items with `since < known_at <= until`."""
        ...

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]: ...

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]: ...

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return the latest profile that was held at `until`."""
        ...

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]: ...

    def macro_series(self) -> Sequence[str]:
        """Return the names of the series that the source holds, sorted."""
        ...

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        """Say what the answers about `symbol` at `until` had to do without, although something was answered."""
        ...
