"""The window of past bars that all price figures are computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..domain.errors import NoData, SourceUnavailable
from ..domain.ids import Symbol
from ..domain.market import Bar, Dividend, Split
from .adjustment import AdjustedSeries, BarColumns, adjust_bars, bar_columns
from .provenance import source_names
from .view import MarketView

HISTORY_BARS = 520
"""Number of bars that figures are computed from. It is fixed, so that a figure depends on these bars only."""

MARKET_PROXIES = (Symbol("SPY"), Symbol("OPENX"))
"""Market proxies, preferred first: an S&P 500 fund, and the fund of the demo market."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceHistory:
    """The last bars of one symbol, raw and adjusted. `known_at` is when the newest bar or action became known."""

    bars: tuple[Bar, ...]
    series: AdjustedSeries
    known_at: datetime

    @property
    def last(self) -> Bar:
        """Return the newest bar, unadjusted."""
        return self.bars[-1]

    @property
    def origin(self) -> str:
        """Return the vendors of the bars, see `source_names`."""
        return source_names(self.bars)


def load_price_history(view: MarketView, symbol: Symbol) -> PriceHistory:
    """Return the last HISTORY_BARS daily bars; raises NoData if they are missing or end before the last session."""
    return view.derived(("history", symbol), view.as_of, lambda: _load(view, symbol))


def _load(view: MarketView, symbol: Symbol) -> PriceHistory:
    bars = view.current_bars(symbol, count=HISTORY_BARS)
    first, last = bars[0].session, bars[-1].session
    splits, dividends = view.splits(symbol), view.dividends(symbol)
    actions = (*_within(splits, first, last), *_within(dividends, first, last))
    known_at = max([bar.known_at for bar in bars] + [action.known_at for action in actions])
    columns = _columns(view, symbol, bars)
    return PriceHistory(bars, adjust_bars(bars, splits, dividends, columns), known_at)


def _columns(view: MarketView, symbol: Symbol, bars: tuple[Bar, ...]) -> BarColumns:
    """Return the columns of `bars`; those of an earlier session of the same view's memo are continued."""
    if view.memo is None:
        return bar_columns(bars)
    key = ("columns", symbol)
    before = view.memo.last(key)
    return view.memo.derived(key, bars, lambda: bar_columns(bars, before if isinstance(before, BarColumns) else None))


def load_market_proxy(view: MarketView, symbol: Symbol) -> PriceHistory | None:
    """Return the price history of a market proxy on the calendar of `symbol`.

    Return None if there is no such proxy, if the first available proxy is `symbol` itself, or if the source is
    unavailable: the figures of `symbol` can be computed without it, and the warnings of the source report the outage.
    """
    for proxy in MARKET_PROXIES:
        if proxy == symbol:
            return None
        try:
            return load_price_history(view, proxy) if view.calendar(proxy) == view.calendar(symbol) else None
        except NoData:
            continue
        except SourceUnavailable:
            return None
    return None


def _within(actions: Sequence[Split | Dividend], first: date, last: date) -> list[Split | Dividend]:
    return [action for action in actions if first < action.ex_date <= last]
