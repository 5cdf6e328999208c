"""A market source whose prices are in whole units of their currency: prices in pence are converted to pounds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..domain.market import (
    Bar,
    DelistingRecord,
    Dividend,
    Interval,
    Profile,
)
from .delegating_source import DelegatingSource
from .quotation import HUNDREDTHS, profile_quotation, spelled_quotation
from .source import MarketSource
from .symbology import normalize_ticker

WHOLE = Decimal(1)


class WholeCurrencySource(DelegatingSource):
    """Converts the prices, dividends and delisting prices of another source exactly; implements `MarketSource`.

    The unit is that of the exchange, by the suffix of the ticker. With `by_profile`, a ticker without a foreign suffix
    has the unit of its profile from the time at which the profile is known. Other facts are returned unchanged.
    """

    def __init__(self, inner: MarketSource, *, by_profile: bool) -> None:
        super().__init__(inner)
        self._by_profile = by_profile

    def unit(self, symbol: Symbol, until: datetime) -> Decimal:
        """Return the value, in the currency of `symbol`, of one unit of the prices that the other source returns."""
        try:
            spelled = spelled_quotation(Symbol(normalize_ticker(symbol)))
        except NoData:  # the other source reports an unknown exchange
            return WHOLE
        if spelled is not None:
            return spelled.unit
        quoted = profile_quotation(self.inner, symbol, until) if self._by_profile else None
        return WHOLE if quoted is None else quoted.unit

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        bars, unit = self.inner.bars(symbol, interval, until=until, count=count), self.unit(symbol, until)
        return bars if unit == WHOLE else tuple(_converted(bar, unit) for bar in bars)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        paid, unit = self.inner.dividends(symbol, until=until), self.unit(symbol, until)
        return paid if unit == WHOLE else tuple(replace(each, amount=each.amount * unit) for each in paid)

    def delistings(self, symbol: Symbol, *, until: datetime) -> Sequence[DelistingRecord]:
        """Return the recorded delistings of `symbol`; none if the other source has no such records."""
        found, unit = super().delistings(symbol, until=until), self.unit(symbol, until)
        return tuple(each if each.price is None else replace(each, price=each.price * unit) for each in found)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return the profile with the whole currency as its currency; its figures are unchanged."""
        found = self.inner.profile(symbol, until=until)
        if found is None or found.currency.strip() not in HUNDREDTHS:
            return found
        return replace(found, currency=HUNDREDTHS[found.currency.strip()])


def quoted_unit(source: MarketSource, symbol: Symbol, until: datetime) -> Decimal:
    """Return the unit in which the market quotes `symbol`: 0.01 where `source` converts pence, else 1."""
    return source.unit(symbol, until) if isinstance(source, WholeCurrencySource) else WHOLE


def _converted(bar: Bar, unit: Decimal) -> Bar:
    return replace(bar, open=bar.open * unit, high=bar.high * unit, low=bar.low * unit, close=bar.close * unit)
