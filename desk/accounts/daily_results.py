"""The profit or loss of an account in each completed session, from its journal."""

from collections.abc import Sequence
from decimal import Decimal

from ...ledger.book.book import Book
from ...ledger.book.fold import fold
from ...ledger.model.events import BarClosed, Deposited, Event
from ...ledger.pricing.units import MINOR, to_decimal


class DailyResults:
    """Folds the events of one journal, and of a journal that has grown only its new events."""

    def __init__(self) -> None:
        """Start with an empty journal."""
        self._book, self._read = Book(), 0
        self._before = self._moved = 0
        self._results = list[Decimal]()

    def of(self, events: Sequence[Event]) -> tuple[Decimal, ...]:
        """Return the results in currency, oldest first: the change of equity less deposits, plus withdrawals.

        A journal that is shorter than the last one was rolled back and is folded anew.
        """
        if len(events) < self._read:
            self._book, self._read, self._before, self._moved = Book(), 0, 0, 0
            self._results.clear()
        for event in events[self._read :]:
            self._add(event)
        self._read = len(events)
        return tuple(self._results)

    def _add(self, event: Event) -> None:
        fold(self._book, event)
        if isinstance(event, Deposited):
            self._moved += event.amount
        elif isinstance(event, BarClosed) and event.last:
            equity = self._book.equity
            self._results.append(to_decimal(equity - self._before - self._moved, MINOR))
            self._before, self._moved = equity, 0
