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
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
)


class MarketSource(Protocol):
    """Point-in-time access to market facts.

    Contract of every reading method:
    - It returns only facts with `known_at <= until`, oldest first (by `known_at`, then session, period or ex-date).
      A restated fact keeps the position of its first version; its `known_at` is that of the restatement. `count`
      limits the result to the newest facts.
    - An empty result, or NoData if a reason is to be given, means that there are no facts. SourceUnavailable means
      that the facts could not be fetched.
    - A defective row raises InvalidData once it is visible; a defect dated after `until` does not raise.
    - Prices are unadjusted.
    - The result depends only on the arguments and on the stored facts with `known_at <= until`.

    Attributes:
        name: short label for evidence, such as `folder` or `demo`; never a path.
        synthetic: whether the market is simulated; every output states it.
    """

    @property
    def name(self) -> str: ...

    @property
    def synthetic(self) -> bool: ...

    def symbols(self) -> Sequence[Symbol]:
        """Return every symbol with daily bars, sorted."""
        ...

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        """Return the exchange calendar of `symbol`: `XNYS`, or `24/7` for crypto; raises NoData for an unknown one.

        With `until`, a symbol without a bar that was known by then is as unknown as any other, in the same words.
        """
        ...

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]: ...

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]: ...

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]: ...

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        """Return the items with `since < known_at <= until`."""
        ...

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]: ...

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]: ...

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]: ...

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return the latest profile known at `until`, or None."""
        ...

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]: ...

    def macro_series(self) -> Sequence[str]:
        """Return the names of all available macro series, sorted."""
        ...

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        """Return the data that was missing or outdated when `symbol` was read at `until`, one sentence each."""
        ...
