"""Quote of one symbol for sizing and limits."""

import math
from datetime import date
from decimal import Decimal

from ..domain.ids import Symbol
from ..domain.market import CENT, COIN_TICK, SUB_DOLLAR_TICK, Quote
from ..market.price_history import load_price_history
from ..market.view import MarketView
from ..market.whole_currency import quoted_unit
from . import indicators
from .numbers import round_significant

AROUND_THE_CLOCK = "24/7"
SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365


def build_quote(view: MarketView, symbol: Symbol) -> Quote:
    """Return the quote of `symbol` from its completed bars, adjusted for splits effective in the next session.

    Between a split's ex-date and its first completed bar, price, range and volume are those of the last bar, adjusted
    for the split. Raises NoData if the series is missing or stale.
    """
    history = load_price_history(view, symbol)
    series = history.series
    ratio = _split_since(view, symbol, history.last.session)
    volatility = indicators.volatility(series.close, minimum=20)
    atr = indicators.atr(series.high, series.low, series.close)
    is_crypto = trades_24_7(view, symbol)
    in_pence = quoted_unit(view.source, symbol, view.as_of) != 1
    tick = COIN_TICK if is_crypto else SUB_DOLLAR_TICK if in_pence else CENT
    return Quote(
        symbol=symbol,
        session=history.last.session,
        last_close=history.last.close if ratio == 1 else _rounded(history.last.close / ratio, tick),
        daily_volatility=None if volatility is None else round_significant(volatility),
        atr=None if atr is None else round_significant(atr / float(ratio)),
        average_volume=round_significant(float(series.volume[-20:].mean()) * float(ratio)),
        whole_shares=not is_crypto,
        tick=tick,
        sessions_a_year=sessions_per_year(view, symbol),
    )


def _rounded(price: Decimal, tick: Decimal) -> Decimal:
    """Return a price of at least 1.00 in ticks, and a lower one with at least four decimals."""
    return price.quantize(min(tick, SUB_DOLLAR_TICK) if price < 1 else tick)


def _split_since(view: MarketView, symbol: Symbol, session: date) -> Decimal:
    """Return the product of the ratios of splits with an ex-date after `session`."""
    return math.prod((split.ratio for split in view.splits(symbol) if split.ex_date > session), start=Decimal(1))


def trades_24_7(view: MarketView, symbol: Symbol) -> bool:
    """Return whether `symbol` trades around the clock and in fractions, like a cryptocurrency."""
    return view.calendar(symbol).name == AROUND_THE_CLOCK


def sessions_per_year(view: MarketView, symbol: Symbol) -> int:
    """Return the number of sessions of `symbol` per year."""
    return DAYS_A_YEAR if trades_24_7(view, symbol) else SESSIONS_A_YEAR
