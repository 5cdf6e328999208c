"""Safety of an account within a session: its value, its verification, and the triggers that halt it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from ..domain.account import AccountState
from ..domain.trading_calendar import TradingCalendar
from ..ledger.store.ledger import Ledger
from ..ledger.store.verify import verify
from .account_value import value_of
from .paper_section import SafetyAction, SafetySettings, VerifyEvery
from .safety import SafetyTrigger, failure_triggers, loss_triggers
from .session_rows import SessionResult


class SessionSafety:
    """Checks one account; `notify` receives one sentence for each trigger."""

    def __init__(
        self, ledger: Ledger, account: str, calendar: TradingCalendar, settings: SafetySettings,
        notify: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._ledger, self._account, self._calendar = ledger, account, calendar
        self._settings, self._notify = settings, notify

    def after_settlement(
        self, session: date, past: Sequence[SessionResult], *, repeated: bool = False
    ) -> SessionResult:
        """Return the account's value at the close of `session`, and apply the triggers on losses and breaches.

        A settlement that is `repeated` applies no trigger: a person may have resumed the account since.
        """
        value = value_of(self._ledger.broker(self._account), past[0] if past else None)
        if repeated:
            return value
        self._apply(self._breaches(session))
        self._apply(loss_triggers(self._settings, value, past[0] if past else None))
        return value

    def after_decisions(self, results: Sequence[SessionResult]) -> None:
        """Apply the trigger on consecutive failed sessions; `results` includes that of this session, newest first."""
        self._apply(failure_triggers(self._settings, results))

    def halt(self, reason: str) -> None:
        """Halt the account."""
        self._apply([SafetyTrigger(SafetyAction.HALT, reason)])

    @property
    def state(self) -> AccountState:
        """Return what the account accepts."""
        return self._ledger.broker(self._account).book.state

    def _breaches(self, session: date) -> list[SafetyTrigger]:
        every = self._settings.verify
        week = self._calendar.previous(session).isocalendar()[:2] != session.isocalendar()[:2]
        if every is VerifyEvery.NEVER or (every is VerifyEvery.WEEK and not week):
            return []
        found = [breach for check in verify(self._ledger, self._account) for breach in check.breaches]
        return [SafetyTrigger(SafetyAction.HALT, f"verification failed: {found[0]}")] if found else []

    def _apply(self, triggers: Iterable[SafetyTrigger]) -> None:
        for trigger in triggers:
            with self._ledger.transaction(self._account) as broker:
                before = broker.book.state
                (broker.halt if trigger.action is SafetyAction.HALT else broker.reduce)(trigger.reason)
                changed = broker.book.state is not before
            if changed:
                self._notify(f"account {self._account}: {trigger.action} ({trigger.reason})")
