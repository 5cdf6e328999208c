"""Publication of a session: its report files and the message to the account's owner."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from ..desk.accounts.approvals import pending_proposals
from ..desk.accounts.stored_account import StoredAccount
from ..desk.records.session_notification import SessionNotification
from ..desk.records.session_status import SessionStatus
from ..domain.errors import OpenOutcryError
from ..ledger.model.order_events import OrderFilled
from .notifications import deliver_notifications, notify_session
from .session_rows import OpenSession, SessionResult
from .settings import Settings


class SessionPublisher:
    """Publishes one session. No failure of a report or a message ends the session; it becomes a notice.

    Everything is stored before the session counts as finished, so that a session that is stopped in between publishes
    again; receivers drop repeated messages by their event id.
    """

    def __init__(
        self,
        settings: Settings,
        account: StoredAccount,
        session: OpenSession,
        clock: Callable[[], datetime],
        notify: Callable[[str], None],
    ) -> None:
        self._settings, self._account, self._session = settings, account, session
        self._clock, self._notify = clock, notify

    def publish(
        self,
        status: SessionStatus,
        value: SessionResult | None,
        previous: SessionResult | None,
        findings: Sequence[str],
    ) -> None:
        """Store the message of a session that reaches `status`; `previous` is the result of the session before."""
        self._guarded(lambda: notify_session(self._settings, self._message(status, value, previous, findings)))

    def deliver(self) -> None:
        """Send the stored messages that are due."""
        for notice in deliver_notifications(self._settings, self._clock()).notices:
            self._notify(notice)

    def _message(
        self,
        status: SessionStatus,
        value: SessionResult | None,
        previous: SessionResult | None,
        findings: Sequence[str],
    ) -> SessionNotification:
        row, book = self._session.row, self._account.book
        events = self._account.journal_events
        since = islice(events, previous.seq if previous else 0, None)
        return SessionNotification(
            account=row.account,
            session=row.session,
            status=status,
            currency=book.currency,
            equity=None if value is None else value.equity,
            change=None if value is None or previous is None else value.equity - previous.equity,
            orders=0 if value is None else value.orders,
            fills=sum(isinstance(event, OrderFilled) for event in since),
            waiting_approvals=len(pending_proposals(book, row.session)),
            findings=tuple(findings),
        )

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OpenOutcryError as error:
            self._notify(f"session {self._session.row.session} was not published: {error}")
