"""Publication of a session: its report files and the message to the account's owner."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path

from ..desk.accounts.approvals import pending_proposals
from ..desk.accounts.stored_account import StoredAccount
from ..desk.records.session_notification import SessionNotification
from ..domain.errors import LedgerUnreachable
from ..ledger.model.order_events import OrderFilled
from ..reports.session_report import write_session_report
from .daily_stores import DailyStores
from .notifications import deliver_notifications, notify_session
from .session_plan import plan_of
from .session_report import SessionFacts, SessionReporter
from .session_rows import OpenSession
from .settings import Settings, home


class SessionPublisher:
    """Publishes one session. A failure of a report or a message does not end the session; it becomes a notice.

    Only an unreachable ledger ends it: the session stays open, and is published when it goes on.

    Everything is stored before the session counts as finished, so that a session that is stopped in between publishes
    again; receivers drop repeated messages by their event id.
    """

    def __init__(
        self,
        settings: Settings,
        stores: DailyStores,
        account: StoredAccount,
        session: OpenSession,
        clock: Callable[[], datetime],
        notify: Callable[[str], None],
    ) -> None:
        self._settings, self._stores, self._account, self._session = settings, stores, account, session
        self._clock, self._notify = clock, notify

    def publish(self, facts: SessionFacts) -> None:
        """Write the report files of a session that reaches a state, and store the message to its owner."""
        report = self._guarded(lambda: self._write(facts), "its report was not written")
        self._guarded(lambda: self._notify_owner(facts, report), "its message was not stored")

    def deliver(self) -> None:
        """Send the stored messages that are due."""
        for notice in deliver_notifications(self._settings, self._clock()).notices:
            self._notify(notice)

    def _write(self, facts: SessionFacts) -> str:
        """Write the report as Markdown and HTML, and return the path of the HTML file."""
        row = self._session.row
        plan = plan_of(row.request)
        view = SessionReporter(self._settings, self._stores, self._session, plan).view(facts)
        folder = report_folder(home(self._settings), row.account)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for suffix in (".md", ".html"):
            path = folder / f"{row.session}{suffix}"
            fresh = path.with_suffix(f"{suffix}.new{suffix}")
            write_session_report(fresh, view, force=True)
            fresh.replace(path)
        return str(folder / f"{row.session}.html")

    def _notify_owner(self, facts: SessionFacts, report: str | None) -> None:
        notify_session(self._settings, self._message(facts, report))

    def _message(self, facts: SessionFacts, report: str | None) -> SessionNotification:
        row, book, value, previous = self._session.row, self._account.book, facts.value, facts.previous
        since = islice(self._account.journal_events, previous.seq if previous else 0, None)
        return SessionNotification(
            account=row.account,
            session=row.session,
            status=facts.status,
            currency=book.currency,
            equity=None if value is None else value.equity,
            change=None if value is None or previous is None else value.equity - previous.equity,
            orders=0 if value is None else value.orders,
            fills=sum(isinstance(event, OrderFilled) for event in since),
            waiting_approvals=len(pending_proposals(book, row.session)),
            findings=tuple(facts.notices),
            report=report,
        )

    def _guarded(self, action: Callable[[], str | None], problem: str) -> str | None:
        """Return what `action` returns; its failure becomes a notice."""
        try:
            return action()
        except LedgerUnreachable:
            raise
        except Exception as error:  # noqa: BLE001 -- a session is never lost for its report
            self._notify(f"session {self._session.row.session}: {problem}: {error}")
            return None


def report_folder(state: Path, account: str) -> Path:
    """Return the folder of an account's session reports; characters that a file name should not have become `_`."""
    name = re.sub(r"[^\w.-]", "_", account, flags=re.ASCII).lstrip(".") or "_"
    digest = hashlib.sha256(account.encode()).hexdigest()[:8]
    return state / "reports" / (name if name == account else f"{name}-{digest}")
