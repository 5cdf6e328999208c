"""Records of listings that end or change their symbol, where the market source has them.

A source may have two more methods than `MarketSource`, with the same contract as its other reading methods:
`delistings(symbol, *, until) -> Sequence[DelistingRecord]` and `renames(symbol, *, until) -> Sequence[RenameRecord]`,
the latter with the renames of `symbol` to another one. A source without them has no such records.
"""

from collections.abc import Sequence
from datetime import datetime

from ...domain.ids import Symbol
from ...domain.market import DelistingRecord, RenameRecord
from ...market.source import MarketSource


def delistings_of(source: MarketSource, symbol: Symbol, until: datetime) -> Sequence[DelistingRecord]:
    """Return the recorded delistings of a symbol that were known at `until`, oldest first."""
    read = getattr(source, "delistings", None)
    return () if read is None else tuple(read(symbol, until=until))


def renames_of(source: MarketSource, symbol: Symbol, until: datetime) -> Sequence[RenameRecord]:
    """Return the recorded renames of a symbol that were known at `until`, oldest first."""
    read = getattr(source, "renames", None)
    return () if read is None else tuple(read(symbol, until=until))
