"""A trading account in the ledger database: one transaction a session, and one for all decisions of a session."""

from collections.abc import Sequence
from datetime import date

from ...domain.account import Account
from ...domain.decision import Decision
from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ...ledger.book.book import Book
from ...ledger.model.events import Event
from ...ledger.store.ledger import Ledger
from ...market.source import MarketSource
from .account import SessionEvents
from .journal_readings import JournalReadings
from .last_orders import FindDecision
from .market_replay import active_symbols
from .paper_account import (
    account_view,
    advance_account,
    submit_all,
)


class StoredAccount:
    """Implements `TradingAccount` over an existing account of a ledger database.

    The account's lock is held only inside a transaction, never between two calls, so other processes can read and
    write the account at any time.
    """

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        source: MarketSource,
        find_decision: FindDecision,
        readings: JournalReadings | None = None,
    ) -> None:
        """Use the account `name`; `find_decision` returns a stored decision by run id, or None.

        `readings` adds to what a desk sees what it reads from the journal. Raises ConfigError if there is no such
        account.
        """
        self.readings = readings
        self._ledger, self._name, self._source, self._find_decision = ledger, name, source, find_decision
        self._calendar = trading_calendar(ledger.broker(name).book.rules.calendar)

    @property
    def name(self) -> str:
        return self._name

    @property
    def calendar(self) -> TradingCalendar:
        return self._calendar

    @property
    def book(self) -> Book:
        return self._ledger.broker(self._name).book

    @property
    def journal_events(self) -> Sequence[Event]:
        """Return the events of the account's journal, oldest first."""
        return self._ledger.broker(self._name).journal.events

    def view(self, symbol: Symbol) -> Account:
        return account_view(self._ledger.broker(self._name), symbol, self._find_decision, self.readings)

    def advance(self, session: date) -> SessionEvents:
        notices = list[str]()
        events = advance_account(self._ledger, self._name, self._source, self._calendar, session, notify=notices.append)
        return SessionEvents(session, events, tuple(notices), tuple(map(Symbol, active_symbols(self.book))))

    def submit(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        return submit_all(self._ledger, self._name, decisions, self._source)
