"""The scheduler of one account: what is due is read from the session store each time, so that nothing can be lost."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from threading import Lock

from ..desk.accounts.approvals import pending_proposals
from ..desk.records.session_status import SessionStatus
from ..desk.records.session_store import Heartbeat
from ..domain.errors import OpenOutcryError
from ..domain.trading_calendar import trading_calendar
from ..ledger.book.book import Book
from .daily_run import DailyResult, DailyRun, SessionStopped
from .daily_stores import DailyStores
from .notifications import deliver_notifications
from .observer import SessionObserver
from .paper_section import OnMissed
from .session_clock import account_ahead, is_ahead
from .session_opening import SessionRequest
from .session_times import due_session, next_fire, session_times
from .settings import Settings

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=10)
"""Pauses after an error: the first, doubled with every further error up to the longest."""
MOST_DOUBLINGS = 5
NOT_SERVED = "the scheduler was not running at its time"


class ServerState(StrEnum):
    """What a scheduler does."""

    WAITING = "waiting"
    WORKING = "working"
    RETRYING = "retrying"
    STOPPED = "stopped"


class AccountServer:
    """Runs the sessions of one account as they become due.

    `tick` is called often, at any moments: after a suspension, or with a clock that was set forward or back, it does
    what is due at the time that the clock shows then, and a session that has a final row is never run again.
    """

    def __init__(
        self,
        settings: Settings,
        request: SessionRequest,
        stores: DailyStores,
        observer: SessionObserver,
        clock: Callable[[], datetime],
        *,
        on_missed: OnMissed = OnMissed.DECIDE_LATEST,
        pause: Callable[[timedelta], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` returns the time, and `pause` waits between attempts of a session; tests replace both."""
        self._settings = settings
        self._stores, self._request, self._observer, self._clock = stores, request, observer, clock
        self._run = DailyRun(settings, stores, observer, clock=clock, pause=pause)
        self._on_missed, self._begun = on_missed, clock()
        self._calendar = trading_calendar(stores.ledger.broker(request.account).book.rules.calendar)
        self._errors, self._error, self._ahead = 0, "", ""
        self._working, self._stopped = Lock(), False
        self._retry_at: datetime | None = None

    @property
    def account(self) -> str:
        """Return the name of the account."""
        return self._request.account

    @property
    def _book(self) -> Book:
        return self._stores.ledger.broker(self.account).book

    def tick(self) -> DailyResult | None:
        """Run the session that is due, if there is one; return its result, or None.

        Errors do not leave this method: they are reported to the observer, stored in the heartbeat, and what is due is
        tried again after a pause. A pause never outlasts a clock that was set back. A call while another thread is at
        work stores a heartbeat only.
        """
        if not self._working.acquire(blocking=False):
            self._beat(ServerState.WORKING)
            return None
        try:
            return self._tick(self._clock())
        finally:
            self._working.release()

    def _tick(self, now: datetime) -> DailyResult | None:
        if self._stopped:
            return None
        if self._retry_at is not None and self._retry_at - LONGEST_PAUSE <= now < self._retry_at:
            self._beat(ServerState.RETRYING)
            return None
        try:
            result = self._run_due(now)
        except SessionStopped:
            return None
        except Exception as error:  # noqa: BLE001 -- the scheduler serves the account whatever one session raises
            self._failed(error)
            return None
        self._errors, self._retry_at = 0, None
        if result is not None:
            self._error = ""
        self._beat(ServerState.WAITING)
        if result is None:
            self._deliver(now)
        return result

    def _deliver(self, now: datetime) -> None:
        """Send the messages whose next attempt is due; a session sends them itself."""
        for notice in deliver_notifications(self._settings, now).notices:
            self._observer.notice(f"account {self.account}: {notice}")

    def stop(self) -> None:
        """End a session that is at work; it goes on at the next start."""
        self._stopped = True
        self._run.stop()
        self._beat(ServerState.STOPPED)

    def _run_due(self, now: datetime) -> DailyResult | None:
        session = due_session(self._calendar, now, self._request.when)
        self._look_at_clock(now)
        if not self._is_open(session, now):
            return None
        self._beat(ServerState.WORKING)
        return self._run.run(self._requested(session))

    def _look_at_clock(self, now: datetime) -> None:
        """Report once, and in every heartbeat, that the account is ahead of the clock."""
        before, self._ahead = self._ahead, account_ahead(self._book, self._calendar, now)
        if self._ahead and self._ahead != before:
            self._observer.notice(f"account {self.account}: {self._ahead}")

    def _is_open(self, session: date, now: datetime) -> bool:
        """Return whether there is something to do: no final row, and no order that waits for a person."""
        row = self._stores.sessions.find(self.account, session)
        if row is None or is_ahead(row, self._book, now):
            return self._book.session < session.isoformat()  # a clock that was set back repeats nothing
        if row.status is SessionStatus.AWAITING_APPROVAL:
            waiting = pending_proposals(self._book, session)
            return not waiting or now >= session_times(self._calendar, session, self._request.when).deadline
        return not row.status.is_final

    def _requested(self, session: date) -> SessionRequest:
        request = replace(self._request, session=session, wait=True)
        late = session_times(self._calendar, session, request.when).earliest < self._begun
        begun_before = self._stores.sessions.find(self.account, session) is not None
        if late and not begun_before and self._on_missed is OnMissed.RECORD:
            return replace(request, skip=NOT_SERVED)
        return request

    def _failed(self, error: Exception) -> None:
        pause = min(FIRST_PAUSE * 2 ** min(self._errors, MOST_DOUBLINGS), LONGEST_PAUSE)
        self._errors, self._retry_at = self._errors + 1, self._clock() + pause
        self._error = str(error) if isinstance(error, OpenOutcryError) else f"a bug: {type(error).__name__}: {error}"
        self._observer.notice(f"account {self.account}: {self._error}; trying again in {pause.seconds} s")
        self._beat(ServerState.RETRYING)

    def _beat(self, state: ServerState) -> None:
        """Store a heartbeat; if the store cannot be written, report it and go on."""
        now, state = self._clock(), ServerState.STOPPED if self._stopped else state
        try:
            fire = None if state is ServerState.STOPPED else next_fire(self._calendar, now, self._request.when)
            missed = self._stores.sessions.counts(self.account).get(SessionStatus.MISSED, 0)
            self._stores.sessions.beat(Heartbeat(self.account, now, state, fire, missed, self._error or self._ahead))
        except OpenOutcryError as error:
            self._observer.notice(f"account {self.account}: no heartbeat was stored: {error}")
