"""The integer bar on which orders are matched."""

from typing import NamedTuple


class IntegerBar(NamedTuple):
    """One bar of one instrument: prices in ticks of `Instrument.price_scale`, volume in whole shares.

    It is a named tuple because the matching loop creates and reads millions of them.
    """

    open: int
    high: int
    low: int
    close: int
    volume: int
