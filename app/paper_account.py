"""A paper account that a decision is taken for, advanced to the decision's session."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from ..desk.accounts.currency import check_currency
from ..desk.accounts.order_routing import was_submitted
from ..desk.accounts.paper_account import (
    account_view,
    advance_account,
    check_current_session,
    check_tradable,
    replay_account,
    submit_decision,
)
from ..desk.decision_history import with_history
from ..desk.records.run_store import RunStore
from ..desk.stored_history import StoredHistory, figures_of
from ..domain.account import Account
from ..domain.decision import Decision, Outcome
from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..graph.desk_config import load_desk
from ..ledger.store.ledger import Ledger
from ..market.source import MarketSource
from .account_history import readings_for
from .factories import open_ledger
from .session_clock import check_market_has_followed
from .settings import Settings


class PaperAccount:
    """A stored account. Only the setting `submit` changes it; otherwise a copy is advanced in memory."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        source: MarketSource,
        runs: RunStore,
        notify: Callable[[str], None],
    ) -> None:
        """`notify` receives one sentence if the account is advanced on coarser bars than its rules ask for."""
        self._settings = settings
        self._submits, self._name, self._source, self._runs, self._notify = settings.submit, name, source, runs, notify
        self._past = load_desk(settings.desk).memory.last
        self._ledger: Ledger = open_ledger(settings, reading=not settings.submit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ledger.close()

    def account(self, symbol: Symbol, as_of: datetime) -> Account:
        """Return the account as of the last session that was complete at `as_of`.

        Raises ConfigError for an unknown account, or one that was advanced beyond that session.
        """
        sessions = self._sessions()
        until = sessions.last_completed(as_of)
        check_tradable(self._source, symbol, sessions)
        check_currency(self._source, symbol, self._ledger.broker(self._name).book.currency, as_of)
        if self._submits:
            book = self._ledger.broker(self._name).book
            check_market_has_followed(self._source, sessions, [symbol], book, until)
            advance_account(self._ledger, self._name, self._source, sessions, until, notify=self._notify)
            broker = self._ledger.broker(self._name)
            check_current_session(broker.book, until)
        else:
            broker = replay_account(self._ledger, self._name, self._source, sessions, until, notify=self._notify)
        account = account_view(broker, symbol, self._runs.find_decision, readings_for(self._settings))
        if not self._past:
            return account
        history = StoredHistory(self._runs, self._name, sessions, figures_of(broker.journal.events))
        return with_history(account, history, symbol, as_of, self._past, broker.book)

    def submit(self, decision: Decision) -> Decision:
        """Send orders, or a deliberate hold, to the account; the same decision sent again changes nothing."""
        if decision.outcome is Outcome.ABSTAIN:
            return decision
        until = self._sessions().last_completed(decision.as_of)
        return submit_decision(self._ledger, self._name, decision, self._source, until)

    def halt_reason(self) -> str:
        """Return why the account is halted; empty if it is not."""
        return self._ledger.broker(self._name).book.halted or ""

    def knows(self, decision: Decision) -> bool:
        """Return whether the decision was submitted to the account before."""
        return was_submitted(self._ledger.broker(self._name), decision)

    def _sessions(self) -> TradingCalendar:
        return trading_calendar(self._ledger.broker(self._name).book.rules.calendar)
