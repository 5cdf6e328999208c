"""The market that an account trades on: whole bars, or bars of which every price is the open or the close."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ..domain.ids import Symbol
from ..domain.market import Bar, Dividend, Interval
from ..market.delegating_source import DelegatingSource
from ..market.source import MarketSource
from .experiment import ExperimentAccount, TradedPrices


class TradedSource(DelegatingSource):
    """The source of an account that trades at one price a session, or receives no dividends."""

    def __init__(self, inner: MarketSource, prices: TradedPrices, *, dividends: bool) -> None:
        super().__init__(inner)
        self._prices, self._dividends = prices, dividends

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        bars = self.inner.bars(symbol, interval, until=until, count=count)
        if self._prices is TradedPrices.BARS:
            return bars
        return tuple(_at(bar, bar.open if self._prices is TradedPrices.OPEN else bar.close) for bar in bars)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self.inner.dividends(symbol, until=until) if self._dividends else ()


def traded_source(source: MarketSource, account: ExperimentAccount) -> MarketSource:
    """Return the market that an account of an experiment trades on; the desk reads `source` itself."""
    if account.prices is TradedPrices.BARS and account.dividends:
        return source
    return TradedSource(source, account.prices, dividends=account.dividends)


def _at(bar: Bar, price: Decimal) -> Bar:
    return replace(bar, open=price, high=price, low=price, close=price)
