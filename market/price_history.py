"""The stretch of past bars that every price figure is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..domain.errors import NoData, SourceUnavailable
from ..domain.ids import Symbol
from ..domain.market import Bar, Dividend, Split
from .adjustment import AdjustedSeries, adjust_bars
from .provenance import source_names
from .view import MarketView

HISTORY_BARS = 520
"""Bars that figures may look back over. It is fixed, so that a figure depends on these bars and no others."""

MARKET_PROXIES = (Symbol("SPY"), Symbol("OPENX"))
"""Symbols that can stand for the whole market, best first: a fund of the S&P 500, and that of the demo market."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceHistory:
    """The last bars of one symbol, raw and adjusted, and when the newest fact among them became known."""

    bars: tuple[Bar, ...]
    series: AdjustedSeries
    known_at: datetime

    @property
    def last(self) -> Bar:
        """Return the newest bar, raw as traded."""
        return self.bars[-1]

    @property
    def origin(self) -> str:
        """Return the vendors that the bars are from."""
        return source_names(self.bars)


def load_price_history(view: MarketView, symbol: Symbol) -> PriceHistory:
    """Return the last WINDOW daily bars; raises NoData when they are missing or stop before the last session."""
    bars = view.current_bars(symbol, count=HISTORY_BARS)
    first, last = bars[0].session, bars[-1].session
    splits, dividends = view.splits(symbol), view.dividends(symbol)
    actions = (*_within(splits, first, last), *_within(dividends, first, last))
    known_at = max([bar.known_at for bar in bars] + [action.known_at for action in actions])
    return PriceHistory(bars, adjust_bars(bars, splits, dividends), known_at)


def load_market_proxy(view: MarketView, symbol: Symbol) -> PriceHistory | None:
    """Return the tape of a market proxy on the calendar of `symbol`, or None where there is none but itself.

    One that cannot be asked for is left out, as the symbol's own figures are worth having; the source's caveats tell.
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
