"""The account that a decision is made for: a hypothetical flat book, or a paper account advanced to the decision."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from ..desk.accounts.order_routing import was_submitted
from ..desk.accounts.paper_account import (
    account_view,
    advance_account,
    check_current_session,
    check_tradable,
    replay_account,
    submit_decision,
)
from ..desk.records.run_store import RunStore
from ..domain.account import Account
from ..domain.decision import Decision, Outcome
from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..ledger.store.ledger import Ledger
from ..market.source import MarketSource
from .factories import account_for, open_ledger
from .settings import Settings


class AccountService:
    """Provides the account view for a decision and submits its orders. Only `--submit` changes a stored account."""

    def __init__(self, settings: Settings, source: MarketSource, runs: RunStore, notify: Callable[[str], None]) -> None:
        """`notify` receives one sentence if the account is advanced on coarser bars than its rules require."""
        self._settings, self._source, self._runs, self._notify = settings, source, runs, notify
        self._ledger: Ledger | None = None

    def __enter__(self) -> Self:
        if self._settings.account is not None:
            self._ledger = open_ledger(self._settings, reading=not self._settings.submit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def account(self, symbol: Symbol, as_of: datetime) -> Account:
        """Return the account as of the last session that was complete at `as_of`.

        Raises ConfigError if the account is unknown or has already been advanced beyond that session.
        """
        name = self._settings.account
        if self._ledger is None or name is None:
            return account_for(self._settings)
        sessions = self._sessions(self._ledger, name)
        until = sessions.last_completed(as_of)
        check_tradable(self._source, symbol, sessions)
        if self._settings.submit:
            advance_account(self._ledger, name, self._source, sessions, until, notify=self._notify)
            broker = self._ledger.broker(name)
            check_current_session(broker.book, until)
            return account_view(broker, symbol, self._runs.find_decision)
        broker = replay_account(self._ledger, name, self._source, sessions, until, notify=self._notify)
        return account_view(broker, symbol, self._runs.find_decision)

    def submit(self, decision: Decision) -> Decision:
        """Submit the decision's orders, or a hold, to the account. Submitting the same decision again has no effect."""
        name = self._settings.account
        if self._ledger is None or name is None or decision.outcome is Outcome.ABSTAIN:
            return decision
        until = self._sessions(self._ledger, name).last_completed(decision.as_of)
        return submit_decision(self._ledger, name, decision, self._source, until)

    def halt_reason(self) -> str:
        """Return why the account is halted; empty if it is not halted or is a hypothetical book."""
        name = self._settings.account
        return "" if self._ledger is None or name is None else self._ledger.broker(name).book.halted or ""

    def knows(self, decision: Decision) -> bool:
        """Return whether this decision has already been submitted to the account."""
        name = self._settings.account
        return self._ledger is not None and name is not None and was_submitted(self._ledger.broker(name), decision)

    @staticmethod
    def _sessions(ledger: Ledger, name: str) -> TradingCalendar:
        return trading_calendar(ledger.broker(name).book.rules.calendar)
