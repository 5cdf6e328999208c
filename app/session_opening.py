"""Opening of a session: which session it is, whether it is due, and its stored row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..desk.records.run_store import RunStore
from ..desk.records.session_status import SessionStatus
from ..desk.records.session_store import SessionRow, SessionStore, finished
from ..domain.errors import AccountMovedOn, ConfigError
from ..domain.trading_calendar import TradingCalendar
from ..ledger.book.book import Book
from .session_clock import withdraw_rows_ahead
from .session_plan import SessionPlan, is_readable, plan_hash, plan_of, stored_settings
from .session_rows import OpenSession
from .session_times import SessionTimes, When, due_session, session_times
from .settings import Settings
from .watchlist import WatchlistEntry

NOT_RUN = "no run before its deadline"
SUBMITTED_BEFORE = "it was stopped after its orders were submitted"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What is asked of a daily run.

    Attributes:
        watchlist: the tickers to decide on, beside those that are held or have open orders.
        session: the completed session to decide after; None for the last one that is due.
        when: whether decisions are made after its close or before the next open.
        approve: which orders wait for a person.
        concurrency: maximum number of decisions at the same time.
        force: the reason for a run outside of its time; empty for none.
        attempt: a higher number than the stored one abandons an unfinished session and decides anew.
        skip: the reason to settle the session without decisions; empty for none.
        wait: whether decisions that fail for want of data or a model are tried again until the deadline.
    """

    account: str
    watchlist: tuple[WatchlistEntry, ...]
    session: date | None = None
    when: When = When.AFTER_CLOSE
    approve: str = "none"
    concurrency: int = 16
    force: str = ""
    attempt: int = 1
    skip: str = ""
    wait: bool = False


def requested_times(request: SessionRequest, sessions: TradingCalendar, now: datetime) -> SessionTimes:
    """Return the times of the session that is asked for.

    Raises ConfigError for a day without a session, and, unless forced, for a session that cannot be decided yet.
    """
    session = request.session or due_session(sessions, now, request.when)
    times = session_times(sessions, session, request.when)
    if sessions.close(session) > now:
        raise ConfigError(
            f"the session {session} has not closed; the last completed session is {sessions.last_completed(now)}"
        )
    if now < times.earliest and not request.force:
        raise ConfigError(
            f"decisions after the session {session} begin at {times.earliest:%Y-%m-%d %H:%M} UTC, when its bars are "
            "expected to be complete; run it then, or give a reason with --force"
        )
    return times


class SessionOpening:
    """Opens the rows of an account's sessions. The account's lease must be held."""

    def __init__(
        self, sessions: SessionStore, runs: RunStore, calendar: TradingCalendar, clock: Callable[[], datetime]
    ) -> None:
        self._sessions, self._runs, self._calendar, self._clock = sessions, runs, calendar, clock

    def open(
        self,
        request: SessionRequest,
        times: SessionTimes,
        settings: Settings,
        book: Book,
        notify: Callable[[str], None],
    ) -> OpenSession:
        """Return the row of the session: the stored one, or a new one after those of the sessions missed before it.

        Rows that a clock set forward has left are removed, and unfinished earlier sessions are closed. Raises
        AccountMovedOn for a session before the account's that has no final row, or that is forced.
        """
        note = withdraw_rows_ahead(self._sessions, request.account, book, self._clock(), notify)
        row = self._new_row(request, times, _plan(request, times, settings).to_json(), note)
        known = self._sessions.find(request.account, times.session)
        if book.session > times.session.isoformat() and not (known and known.status.is_final and not request.force):
            self._close_earlier(request.account, self._calendar.next(times.session), book)
            raise AccountMovedOn(
                f"account {request.account} has processed {book.session} already; it cannot decide as of "
                f"{times.session}"
            )
        if known is None:
            self._close_earlier(request.account, times.session, book)
            self._sessions.add_missed(self._missed(row, book))
        stored = self._sessions.open(row)
        readable = is_readable(stored.request, settings)
        if stored.request != row.request and not stored.status.is_final and readable:
            notify(
                f"the session {stored.session} of account {stored.account} was opened with other settings and is "
                f"finished with them; --attempt {stored.attempt + 1} decides anew"
            )
        session = OpenSession(self._sessions, self._runs, stored, self._clock)
        if not readable and not stored.status.is_final:
            self._begin_anew(session, row, book, notify)
            return session
        return self._continued(session, row, request, book)

    def _new_row(self, request: SessionRequest, times: SessionTimes, plan: str, note: str) -> SessionRow:
        at, notes = self._clock(), [f"forced: {request.force}" if request.force else "", note]
        return SessionRow(
            account=request.account,
            session=times.session,
            attempt=request.attempt,
            status=SessionStatus.RUNNING,
            as_of=times.as_of,
            started_at=at,
            updated_at=at,
            request=plan,
            config_hash=plan_hash(plan),
            note="; ".join(filter(None, notes)),
        )

    def _continued(self, session: OpenSession, new: SessionRow, request: SessionRequest, book: Book) -> OpenSession:
        """Return the session as it goes on: as stored, opened anew if forced, or abandoned for a further attempt."""
        stored, submitted = session.row, session.was_submitted(book)
        if stored.status is SessionStatus.MISSED and request.force and not submitted:
            session.replace(replace(new, attempt=stored.attempt))
        elif request.attempt > stored.attempt and not stored.status.is_final and not submitted:
            session.replace(replace(new, note=f"attempt {stored.attempt} was abandoned"))
        elif stored.status is SessionStatus.FAILED:
            session.replace(finished(stored, SessionStatus.RUNNING, self._clock()))
        return session

    def _begin_anew(self, session: OpenSession, new: SessionRow, book: Book, notify: Callable[[str], None]) -> None:
        """Abandon an attempt that another version has stored, or end the session if its orders were submitted."""
        if session.was_submitted(book):
            session.move(SessionStatus.DONE, SUBMITTED_BEFORE)
            return
        attempt = session.row.attempt
        note = f"attempt {attempt} was abandoned: another version has stored it, which this one cannot read"
        session.replace(replace(new, attempt=attempt + 1, note="; ".join(filter(None, (new.note, note)))))
        notify(f"session {new.session} of account {new.account}: {note}")

    def _close_earlier(self, account: str, session: date, book: Book) -> None:
        """Close sessions that a stopped process left unfinished; those that had submitted are done."""
        for row in self._sessions.unfinished(account, session):
            earlier = OpenSession(self._sessions, self._runs, row, self._clock)
            if earlier.was_submitted(book):
                earlier.move(SessionStatus.DONE, SUBMITTED_BEFORE)
            else:
                earlier.move(SessionStatus.MISSED, "it was stopped before its orders were submitted")

    def _missed(self, row: SessionRow, book: Book) -> Iterator[SessionRow]:
        """Yield rows for the sessions between the account's last one and that of `row`."""
        known = [each.session for each in self._sessions.rows(row.account, limit=1)]
        known += [date.fromisoformat(book.session)] if book.session else []
        if not known:
            return
        first = self._calendar.next(max(known))
        for session in self._calendar.between(first, self._calendar.previous(row.session)):
            closed = self._calendar.close(session)
            yield replace(row, session=session, as_of=closed, status=SessionStatus.MISSED, note=NOT_RUN)


def _plan(request: SessionRequest, times: SessionTimes, settings: Settings) -> SessionPlan:
    return SessionPlan(
        settings=stored_settings(settings),
        watchlist=request.watchlist,
        as_of=times.as_of,
        deadline=times.deadline,
        when=request.when,
        approve=request.approve,
        force=request.force,
        concurrency=request.concurrency,
    )


def continued_request(row: SessionRow) -> SessionRequest:
    """Return the request that continues a stored session."""
    plan = plan_of(row.request)
    return SessionRequest(
        account=row.account,
        watchlist=plan.watchlist,
        session=row.session,
        when=plan.when,
        approve=plan.approve,
        concurrency=plan.concurrency,
        force=plan.force,
        attempt=row.attempt,
    )
