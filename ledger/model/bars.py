"""Conversion of market bars to the integer bars on which the ledger matches orders."""

from decimal import Decimal

from ...domain.errors import InvalidData
from ...domain.market import Bar
from ..pricing.integer_bar import IntegerBar
from ..pricing.units import rounded_units
from .instrument import Instrument


def to_integer_bar(bar: Bar, instrument: Instrument) -> IntegerBar:
    """Return a bar in ticks and whole shares; prices are rounded to the nearest tick, half to even.

    Raises InvalidData for a price that is not positive and finite, a volume that is negative or not finite, or an open
    or close outside the bar's range.
    """
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(price.is_finite() and price > 0 for price in prices) or not bar.volume.is_finite() or bar.volume < 0:
        raise InvalidData("bars", None, f"{bar.symbol} on {bar.session} has an invalid price or volume")
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise InvalidData("bars", None, f"{bar.symbol} on {bar.session} opens or closes outside its range")
    first, high, low, last = (max(1, _ticks(price, instrument)) for price in prices)
    return IntegerBar(first, high, low, last, int(bar.volume))


def _ticks(price: Decimal, instrument: Instrument) -> int:
    return rounded_units(price, instrument.price_scale)
