"""Market adapters that cheat: they serve the close of the next session as if it were known."""

from dataclasses import replace

from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.delegating_source import DelegatingSource


class TomorrowsClose(DelegatingSource):
    """Gives the last daily bar the close of the bar after it, under the old time."""

    def bars(self, symbol, interval, *, until, count):
        bars = self.inner.bars(symbol, interval, until=until, count=count)
        if interval is not Interval.DAY or not bars:
            return bars
        calendar = trading_calendar(self.inner.calendar_name(symbol))
        later = self.inner.bars(symbol, interval, until=calendar.close(calendar.next(bars[-1].session)), count=1)
        last, close = bars[-1], later[-1].close
        shown = replace(last, close=close, high=max(last.high, close), low=min(last.low, close))
        return (*bars[:-1], shown)
