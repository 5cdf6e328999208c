"""The return of a symbol from each decision to the next one, dividends and splits included."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date

from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import trading_calendar
from ..market.adjustment import adjust_bars
from ..market.source import MarketSource

MARGIN = 30
"""Number of bars before the window, so that a first session without a bar has an earlier close."""


def forward_returns(
    source: MarketSource, symbol: Symbol, sessions: Sequence[date], deciding: Sequence[date]
) -> Mapping[date, float]:
    """Return, for each deciding session with a close at or before it, the simple return to the next deciding session.

    The last one ends at the last of `sessions`. The result is empty without bars.
    """
    calendar = trading_calendar(source.calendar_name(symbol))
    until = calendar.close(sessions[-1])
    bars = tuple(source.bars(symbol, Interval.DAY, until=until, count=len(sessions) + MARGIN))
    if not bars:
        return {}
    series = adjust_bars(bars, source.splits(symbol, until=until), source.dividends(symbol, until=until))
    ends = [*deciding[1:], sessions[-1]]
    found = dict[date, float]()
    for start, end in zip(deciding, ends, strict=True):
        before, after = (bisect_right(series.sessions, day) - 1 for day in (start, end))
        if before >= 0:
            found[start] = float(series.close[after] / series.close[before] - 1)
    return found
