"""Point-in-time view of a market source. The view bounds every query by `as_of`; callers and models cannot."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from ..domain.errors import LookAheadError, NoData
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
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from .source import MarketSource
from .view_memo import ViewMemo


class HasKnownAt(Protocol):
    """A fact with the time at which it became public."""

    @property
    def known_at(self) -> datetime: ...


D = TypeVar("D", bound=HasKnownAt)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class MarketView:
    """All facts that were public at `as_of` (aware UTC). All market data is read through a view.

    Reading methods raise LookAheadError if the source returns a fact with a later `known_at`. With a `memo`, which
    belongs to the source, derivations are not repeated for equal inputs; results are the same.
    """

    source: MarketSource
    as_of: datetime
    memo: ViewMemo | None = field(default=None, compare=False, repr=False)

    def narrow(self, timestamp: datetime) -> "MarketView":
        """Return a view as of `timestamp`, or as of this view's `as_of` if that is earlier."""
        return replace(self, as_of=min(self.as_of, timestamp))

    def derived(self, key: Hashable, inputs: object, derive: Callable[[], R]) -> R:
        """Return `derive()`, or its kept result for equal inputs; `derive` must be a pure function of `inputs`."""
        return derive() if self.memo is None else self.memo.derived(key, inputs, derive)

    def calendar(self, symbol: Symbol) -> TradingCalendar:
        """Return the calendar that `symbol` trades on; raises NoData for a symbol that is unknown at `as_of`."""
        return trading_calendar(self.source.calendar_name(symbol, until=self.as_of))

    def session(self, symbol: Symbol) -> date:
        """Return the last session of `symbol` completed at `as_of`; raises NoData before the first session."""
        calendar = self.calendar(symbol)
        if self.as_of < calendar.closes[0]:
            raise NoData(f"no session of {symbol} was complete at {self.as_of:%Y-%m-%d %H:%M} UTC")
        return calendar.last_completed(self.as_of)

    def bars(self, symbol: Symbol, *, count: int, interval: Interval = Interval.DAY) -> tuple[Bar, ...]:
        """Return the last `count` unadjusted bars, oldest first; raises NoData if there is none."""
        bars = self._checked(self.source.bars(symbol, interval, until=self.as_of, count=count))
        if not bars:
            raise NoData(f"there is no {interval} bar of {symbol} at or before {self.as_of:%Y-%m-%d %H:%M} UTC")
        return bars

    def current_bars(self, symbol: Symbol, *, count: int) -> tuple[Bar, ...]:
        """Return the last `count` daily bars; raises NoData unless the last one is of the last completed session."""
        bars = self.bars(symbol, count=count)
        if bars[-1].session != (session := self.session(symbol)):
            raise NoData(
                f"there is no bar of {symbol} for the session {session}; the last one is of {bars[-1].session}"
            )
        return bars

    def splits(self, symbol: Symbol) -> tuple[Split, ...]:
        """Return all splits known at `as_of`, oldest first."""
        return self._checked(self.source.splits(symbol, until=self.as_of))

    def dividends(self, symbol: Symbol) -> tuple[Dividend, ...]:
        """Return all dividends known at `as_of`, oldest first."""
        return self._checked(self.source.dividends(symbol, until=self.as_of))

    def news(self, symbol: Symbol, *, days: int) -> tuple[NewsItem, ...]:
        """Return the news of the last `days` calendar days, oldest first; empty if there is none."""
        since = self.as_of - timedelta(days=days)
        return self._checked(self.source.news(symbol, since=since, until=self.as_of))

    def filings(self, symbol: Symbol) -> tuple[Filing, ...]:
        """Return all financial statements in the order in which they became known; empty if there is none."""
        return self._checked(self.source.filings(symbol, until=self.as_of))

    def filing_texts(self, symbol: Symbol) -> tuple[FilingText, ...]:
        """Return all sections of filings, oldest first; empty if there is none."""
        return self._checked(self.source.filing_texts(symbol, until=self.as_of))

    def insider_trades(self, symbol: Symbol) -> tuple[InsiderTrade, ...]:
        """Return all reported trades of insiders in the order in which they became known; empty if there is none."""
        return self._checked(self.source.insider_trades(symbol, until=self.as_of))

    def profile(self, symbol: Symbol) -> Profile | None:
        """Return the latest profile of `symbol`, or None if there is none."""
        found = self.source.profile(symbol, until=self.as_of)
        return None if found is None else self._checked([found])[0]

    def warnings(self, symbol: Symbol) -> tuple[str, ...]:
        """Return the warnings of the source about missing or outdated data of `symbol`."""
        return tuple(self.source.warnings(symbol, until=self.as_of))

    def macro(self, series: str, *, count: int) -> tuple[MacroPoint, ...]:
        """Return the last `count` points of `series`, oldest first; empty if there is none."""
        return self._checked(self.source.macro(series, until=self.as_of, count=count))

    def _checked(self, facts: Sequence[D]) -> tuple[D, ...]:
        for fact in facts:
            if fact.known_at > self.as_of:
                raise LookAheadError(
                    f"{self.source.name} returned a fact known at {fact.known_at} to a view as of {self.as_of}"
                )
        return tuple(facts)
