"""What sizing and limits need to know of one symbol."""

from ..domain.ids import Symbol
from ..domain.market import Quote
from . import indicators
from .citing import quantised
from .tape import read_tape
from .view import MarketView

AROUND_THE_CLOCK = "24/7"
SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365


def quote(view: MarketView, symbol: Symbol) -> Quote:
    """Return the quote of `symbol` from its completed bars; raises NoData when the series is missing or stale."""
    tape = read_tape(view, symbol)
    series = tape.series
    volatility = indicators.volatility(series.close, least=20)
    atr = indicators.average_true_range(series.high, series.low, series.close)
    return Quote(
        symbol=symbol,
        session=tape.last.session,
        last_close=tape.last.close,
        daily_volatility=None if volatility is None else quantised(volatility),
        atr=None if atr is None else quantised(atr),
        average_volume=quantised(float(series.volume[-20:].mean())),
        whole_shares=not trades_around_the_clock(view, symbol),
    )


def trades_around_the_clock(view: MarketView, symbol: Symbol) -> bool:
    """Say whether `symbol` trades every day of the year, in fractions, as coins do."""
    return view.calendar(symbol).name == AROUND_THE_CLOCK


def sessions_a_year(view: MarketView, symbol: Symbol) -> int:
    """Return how many daily returns of `symbol` make a year."""
    return DAYS_A_YEAR if trades_around_the_clock(view, symbol) else SESSIONS_A_YEAR
