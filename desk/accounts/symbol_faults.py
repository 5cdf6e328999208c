"""Errors in the data of single symbols: the symbol is quarantined, and the account goes on with the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from ...domain.errors import ConfigError, DataError, OpenOutcryError, OrderRejected, SourceUnavailable
from ...ledger.broker import Broker
from .intraday_bars import Notify


class SymbolFaults:
    """Collects the errors of one session by symbol."""

    def __init__(self) -> None:
        self.found: dict[str, OpenOutcryError] = {}

    @contextmanager
    def guard(self, symbol: str) -> Iterator[None]:
        """Record an error of a symbol's data that the block raises; other errors are raised."""
        try:
            yield
        except (DataError, ConfigError, OrderRejected) as error:
            self.add(symbol, error)

    def add(self, symbol: str, error: OpenOutcryError) -> None:
        """Record the error of a symbol; its first one is kept."""
        self.found.setdefault(symbol, error)

    def check_outage(self, symbols: Sequence[str]) -> None:
        """Raise SourceUnavailable if the source gave no answer for any of the symbols: it is not one symbol's fault."""
        errors = [self.found.get(symbol) for symbol in symbols]
        for error in errors:
            if isinstance(error, SourceUnavailable) and all(isinstance(each, SourceUnavailable) for each in errors):
                raise error

    def apply(self, broker: Broker, session: date, notify: Notify) -> None:
        """Quarantine the symbols with errors, and release those of earlier sessions that have none now."""
        known = tuple(broker.book.quarantined)
        for symbol in known:
            if symbol not in self.found:
                broker.listings.release(symbol, session)
                notify(f"{session}: {symbol} is no longer quarantined")
        for symbol, error in sorted(self.found.items()):
            broker.listings.quarantine(symbol, session, str(error))
            if symbol not in known:
                notify(f"{session}: {symbol} is quarantined, no new orders in it are taken: {error}")
