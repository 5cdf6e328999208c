"""The daily run: one session of one paper account, exactly once, whatever stops it in between."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from ..desk.accounts.stored_account import StoredAccount
from ..desk.records.session_status import SessionStatus
from ..desk.records.session_store import SessionRow
from ..desk.session import SessionRecord
from ..domain.account import AccountState
from ..domain.errors import ConflictError, LedgerUnreachable, LookAheadError, SourceUnavailable, StoreLocked
from .account_history import readings_for
from .clock import now
from .daily_stores import DailyStores
from .factories import with_chosen_model
from .observer import SessionObserver
from .session_clock import ClockSetBack, check_market_has_followed
from .session_opening import SessionOpening, SessionRequest, continued_request, requested_times
from .session_report import SessionFacts
from .session_work import SessionWork
from .settings import Settings


@dataclass(frozen=True, slots=True)
class DailyResult:
    """What became of one session.

    Attributes:
        row: the stored row.
        record: the decisions of this call; None if the session was finished before, or nothing was decided.
        state: what the account accepts now.
        halted: why it is halted or reducing; empty otherwise.
        repeated: True if the session was finished before, so that nothing was done.
    """

    row: SessionRow
    record: SessionRecord | None
    state: AccountState
    halted: str = ""
    repeated: bool = False


class SessionStopped(ConflictError):
    """A session was stopped from another thread; it can be continued."""


class DailyRun:
    """Runs sessions of paper accounts. A session that is run again repeats nothing."""

    def __init__(
        self,
        settings: Settings,
        stores: DailyStores,
        observer: SessionObserver,
        *,
        clock: Callable[[], datetime] = now,
        pause: Callable[[timedelta], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` returns the time, and `pause` waits between attempts; tests replace both."""
        self._settings, self._stores, self._observer = settings, stores, observer
        self._clock, self._pause = clock, pause or _sleep
        self._lock, self._stopped = Lock(), False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[SessionRecord | None] | None = None

    def run(self, request: SessionRequest) -> DailyResult:
        """Run one session: settle, decide, allocate, have orders approved, submit, report.

        A session that was finished before is returned unchanged; one that was stopped goes on where it was. One whose
        deadline has passed is settled and recorded as missed, unless forced. Raises ConfigError for an unknown account
        or a session that is not due, NoData if the market has no bar of the last sessions, StoreLocked while another
        process works on the account, LedgerUnreachable while its database does not answer, and what settlement and
        decisions raise; the session is stored as failed then.
        """
        stores, account = self._stores, StoredAccount(
            self._stores.ledger, request.account, self._stores.source, self._stores.runs.find_decision,
            readings_for(self._settings)
        )  # fmt: skip
        settings = self._settings.model_copy(update={"account": request.account, "submit": True})
        times = requested_times(request, account.calendar, self._clock())
        with stores.sessions.lease(request.account).held():
            self._check_market(request, account, times.session)
            opening = SessionOpening(stores.sessions, stores.runs, account.calendar, self._clock)
            session = opening.open(request, times, with_chosen_model(settings), account.book, self._observer.notice)
            if session.row.status.is_final:
                return self._result(session.row, None, account, repeated=True)
            work = SessionWork(settings, stores, account, session, self._observer, self._clock, self._pause)
            try:
                record = self._do(work.run(request))
            except (SessionStopped, StoreLocked, LedgerUnreachable, ClockSetBack):
                raise  # the row stays open: nothing of this is a failure of the session
            except Exception as error:
                if isinstance(error, LookAheadError):
                    work.safety.halt(f"look-ahead breach in session {session.row.session}")
                note = str(error) or type(error).__name__
                work.publisher.publish(SessionFacts(SessionStatus.FAILED, None, None, (), [note]))
                session.move(SessionStatus.FAILED, note)
                raise
            finally:
                work.publisher.deliver()
            return self._result(session.row, record, account)

    def proceed(self, account: str, session: date) -> DailyResult | None:
        """Continue a session whose orders were all answered; None if it does not wait for an approval."""
        row = self._stores.sessions.find(account, session)
        if row is None or row.status is not SessionStatus.AWAITING_APPROVAL:
            return None
        return self.run(continued_request(row))

    def _check_market(self, request: SessionRequest, account: StoredAccount, session: date) -> None:
        """Raise NoData before a row is stored if the clock is ahead of the market; an outage is left to the session."""
        if request.force or self._stores.sessions.find(request.account, session) is not None:
            return
        symbols = (entry.symbol for entry in request.watchlist)
        with suppress(SourceUnavailable):
            check_market_has_followed(self._stores.source, account.calendar, symbols, account.book, session)

    def stop(self) -> None:
        """End a session that is at work in another thread: its row stays open, and the next run continues it."""
        with self._lock:
            self._stopped = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def _do(self, work: Coroutine[None, None, SessionRecord | None]) -> SessionRecord | None:
        """Run the work of a session in an event loop, so that `stop` can cancel it."""

        async def main() -> SessionRecord | None:
            with self._lock:
                self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
                if self._stopped and self._task is not None:
                    self._task.cancel()
            return await work

        try:
            return asyncio.run(main())
        except asyncio.CancelledError as error:
            raise SessionStopped("the session was stopped; the next run continues it") from error
        finally:
            with self._lock:
                self._loop = self._task = None

    def _result(
        self, row: SessionRow, record: SessionRecord | None, account: StoredAccount, *, repeated: bool = False
    ) -> DailyResult:
        book = account.book
        return DailyResult(row, record, book.state, book.halted or book.reducing or "", repeated)


async def _sleep(time: timedelta) -> None:
    await asyncio.sleep(time.total_seconds())
