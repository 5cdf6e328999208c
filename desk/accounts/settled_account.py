"""A stored account as the settlement of a session left it: what the decisions of that session see."""

from collections.abc import Sequence
from datetime import date

from ...domain.account import Account
from ...domain.decision import Decision
from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from .account import SessionEvents
from .last_orders import FindDecision
from .market_replay import active_symbols
from .paper_account import account_view
from .stored_account import StoredAccount


class SettledAccount:
    """Implements `TradingAccount` over a stored account whose first `seq` journal events are shown.

    What other processes book after them, such as orders of a person, a deposit or a halt, is not seen by the decisions
    of the session, so that one that was interrupted goes on with the account that it was begun with. Orders are
    submitted to the account in its current state, whose broker applies what changed.
    """

    def __init__(self, account: StoredAccount, seq: int, find_decision: FindDecision) -> None:
        self._account, self._seq, self._find_decision = account, seq, find_decision
        self._replayed: Broker | None = None

    @property
    def name(self) -> str:
        return self._account.name

    @property
    def calendar(self) -> TradingCalendar:
        return self._account.calendar

    @property
    def book(self) -> Book:
        return self._account.book

    def view(self, symbol: Symbol) -> Account:
        if self._is_unchanged:
            return self._account.view(symbol)
        return account_view(self._settled(), symbol, self._find_decision, self._account.readings)

    def advance(self, session: date) -> SessionEvents:
        """Process nothing, since the account was settled; the symbols are those that were active then."""
        book = self.book if self._is_unchanged else self._settled().book
        return SessionEvents(session, (), (), tuple(map(Symbol, active_symbols(book))))

    def submit(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        return self._account.submit(decisions)

    @property
    def _is_unchanged(self) -> bool:
        return len(self._account.journal_events) == self._seq

    def _settled(self) -> Broker:
        if self._replayed is None:
            events = self._account.journal_events[: self._seq]
            self._replayed = Broker.replayed(events, self._account.calendar)
        return self._replayed
