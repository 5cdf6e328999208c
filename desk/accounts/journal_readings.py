"""What a desk reads from the journal of an account beside its book: daily results and own fills."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ...domain.account import Account, PastFill
from ...domain.ids import Symbol
from ...ledger.broker import Broker
from ...ledger.model.events import BarClosed, Event
from ...ledger.reports.history import executions
from .daily_results import DailyResults

CHART_DAYS = 180
"""Calendar days before the last session whose fills a chart needs; more than its sessions."""
HORIZON_DAYS = 400
"""Calendar days before the last session whose fills exits by horizon need; more than the longest horizon."""


@dataclass(frozen=True, slots=True)
class JournalReadings:
    """Adds to an account what its desk reads; one instance belongs to one journal.

    Attributes:
        results: folds the journal to daily results; None for a desk that does not read them.
        fill_days: calendar days before the last session whose fills the desk reads; 0 if it reads none.
    """

    results: DailyResults | None = None
    fill_days: int = 0

    def add(self, account: Account, broker: Broker, symbol: Symbol) -> Account:
        """Return the account with its daily results and its last fills in `symbol`, those that the desk reads."""
        daily = () if self.results is None else self.results.of(broker.journal.events)
        fills = tuple(last_fills(broker, symbol, self.fill_days)) if self.fill_days else ()
        return replace(account, daily_results=daily, fills=fills)


def last_fills(broker: Broker, symbol: Symbol, days: int) -> Iterator[PastFill]:
    """Yield the fills in `symbol` of the last `days` days, oldest first."""
    for each in executions(_recent(broker, days), broker.book):
        if each.symbol == symbol:
            yield PastFill(date.fromisoformat(each.session[:10]), each.action, each.quantity, each.price)


def _recent(broker: Broker, days: int) -> list[Event]:
    """Return the events since the last bar that is older than `days` days."""
    events, session = broker.journal.events, broker.book.session
    if not session:
        return []
    first = (date.fromisoformat(session[:10]) - timedelta(days=days)).isoformat()
    start = len(events)
    while start and not _closed_before(events[start - 1], first):
        start -= 1
    return list(events[start:])


def _closed_before(event: Event, first: str) -> bool:
    return isinstance(event, BarClosed) and event.session < first
