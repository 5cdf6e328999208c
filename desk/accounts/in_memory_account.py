"""A trading account in memory, for backtests and experiments: the broker, rules and market replay of a stored one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from ...domain.account import Account
from ...domain.decision import Decision, Outcome
from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.account_rules import AccountRules
from ...ledger.model.events import Event
from ...market.source import MarketSource
from .account import SessionEvents
from .journal_readings import JournalReadings
from .market_replay import active_symbols, advance_session, pending_sessions
from .notional_orders import NO_AMOUNTS, Amounts
from .paper_account import account_view, last_close, send


class InMemoryAccount:
    """Implements `TradingAccount` over a broker that is lost with the process.

    Attributes:
        broker: the ledger's broker, with the account's book and journal; for reading only.
    """

    def __init__(
        self,
        broker: Broker,
        source: MarketSource,
        amounts: Amounts = NO_AMOUNTS,
        *,
        readings: JournalReadings | None = None,
    ) -> None:
        """Continue the account of `broker` on the market of `source`; `amounts` are those of notional orders.

        `readings` adds to what a desk sees what it reads from the journal.
        """
        self._readings = readings
        self.broker, self._source, self._amounts = broker, source, amounts
        self._calendar = trading_calendar(broker.book.rules.calendar)
        self._last: dict[Symbol, Decision] = {}

    @classmethod
    def open(
        cls,
        name: str,
        rules: AccountRules,
        cash: int,
        source: MarketSource,
        *,
        currency: str = "USD",
        amounts: Amounts = NO_AMOUNTS,
        readings: JournalReadings | None = None,
    ) -> "InMemoryAccount":
        """Open an account with `cash` minor units; raises ConfigError for an empty name, OrderRejected without cash."""
        broker = Broker.open(name, rules, trading_calendar(rules.calendar), currency)
        broker.deposit("opening", cash)
        return cls(broker, source, amounts, readings=readings)

    @property
    def name(self) -> str:
        return self.book.account

    @property
    def calendar(self) -> TradingCalendar:
        return self._calendar

    @property
    def book(self) -> Book:
        return self.broker.book

    def view(self, symbol: Symbol) -> Account:
        return account_view(self.broker, symbol, self._find_decision, self._readings)

    def advance(self, session: date) -> SessionEvents:
        events, notices = list[Event](), list[str]()
        for due in pending_sessions(self.book, self._calendar, session):
            with self._transaction():
                events += advance_session(self.broker, self._source, self._calendar, due, notices.append, self._amounts)
        return SessionEvents(session, tuple(events), tuple(notices), tuple(map(Symbol, active_symbols(self.book))))

    def submit(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        with self._transaction():
            answered = tuple(self._submit(decision) for decision in decisions)
        self._last.update({each.ticker: each for each in answered if each.submissions})
        return answered

    def _submit(self, decision: Decision) -> Decision:
        if decision.outcome is Outcome.ABSTAIN:
            return decision
        until = self._calendar.last_completed(decision.as_of)
        return send(self.broker, decision, self._source, until, last_close(self._source, decision))

    def _find_decision(self, run_id: str) -> Decision | None:
        """Return the last decision with orders on a symbol; earlier ones are not kept."""
        return next((each for each in self._last.values() if each.run_id == run_id), None)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Undo what the block has booked if it raises."""
        before = self.broker.journal.seq
        try:
            yield
        except BaseException:
            if self.broker.journal.seq != before:
                self.broker = Broker.replayed(self.broker.journal.events[:before], self._calendar)
            raise
