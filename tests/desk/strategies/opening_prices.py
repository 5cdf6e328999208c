"""A market of opening prices: every bar has the open of its session at all four levels, and nothing pays dividends."""

from dataclasses import replace

from openoutcry.domain.market import Bar


class OpeningPrices:
    """A MarketSource over another one, in which positions are bought and marked at opens."""

    def __init__(self, source):
        self._source = source

    def __getattr__(self, name):
        return getattr(self._source, name)

    def bars(self, symbol, interval, *, until, count):
        return tuple(map(_at_open, self._source.bars(symbol, interval, until=until, count=count)))

    def dividends(self, symbol, *, until):
        return ()


def _at_open(bar: Bar) -> Bar:
    return replace(bar, high=bar.open, low=bar.open, close=bar.open)
