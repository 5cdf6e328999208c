"""What some market sources have beside `MarketSource`: the time of the vendors, and records of listings.

The protocols are checked at run time. The functions read a source of any kind: one without the capability answers as
one that has nothing to state.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from ..domain.ids import Symbol
from ..domain.market import DelistingRecord, RenameRecord
from .source import MarketSource


@runtime_checkable
class ServerTimeSource(Protocol):
    """A market source whose vendors state the time in their answers."""

    def server_time(self) -> datetime | None:
        """Return the time in UTC that a vendor stated last, running on; None if none has stated one."""
        ...


@runtime_checkable
class DelistingSource(Protocol):
    """A market source with records of delistings; they follow the contract of the reading methods of `MarketSource`."""

    def delistings(self, symbol: Symbol, *, until: datetime) -> Sequence[DelistingRecord]:
        """Return the delistings of `symbol` with `known_at <= until`, oldest first."""
        ...


@runtime_checkable
class RenameSource(Protocol):
    """A market source with records of renames; they follow the contract of the reading methods of `MarketSource`."""

    def renames(self, symbol: Symbol, *, until: datetime) -> Sequence[RenameRecord]:
        """Return the renames of `symbol` to another symbol with `known_at <= until`, oldest first."""
        ...


def server_time_of(source: MarketSource) -> datetime | None:
    """Return the time in UTC that the vendors of a source state; None if they state none."""
    return source.server_time() if isinstance(source, ServerTimeSource) else None


def delistings_of(source: MarketSource, symbol: Symbol, until: datetime) -> Sequence[DelistingRecord]:
    """Return the recorded delistings of a symbol that were known at `until`, oldest first."""
    return tuple(source.delistings(symbol, until=until)) if isinstance(source, DelistingSource) else ()


def renames_of(source: MarketSource, symbol: Symbol, until: datetime) -> Sequence[RenameRecord]:
    """Return the recorded renames of a symbol that were known at `until`, oldest first."""
    return tuple(source.renames(symbol, until=until)) if isinstance(source, RenameSource) else ()
