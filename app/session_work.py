"""The steps of one opened session: settle, check safety, decide, allocate, approve, submit, store the result."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..desk.accounts.approvals import lapse_expired, lapse_session
from ..desk.accounts.late_bars import symbols_without_bar
from ..desk.accounts.market_replay import active_symbols
from ..desk.accounts.settled_account import SettledAccount
from ..desk.accounts.stored_account import StoredAccount
from ..desk.accounts.withheld_orders import withhold_overtaken
from ..desk.allocation import PortfolioAllocation
from ..desk.decision_history import NO_HISTORY, DecisionHistory
from ..desk.records.run_status import Status
from ..desk.records.session_status import SessionStatus
from ..desk.session import SessionPorts, SessionRecord, run_session
from ..desk.strategies.strategy import Strategy
from ..domain.abstention import AbstentionCause
from ..domain.account import AccountState
from ..domain.decision import Decision
from ..domain.errors import ConfigurationChanged, DataError
from ..domain.ids import RunId, Symbol
from .daily_stores import DailyStores
from .observer import SessionObserver
from .session_clock import ClockSetBack, check_market_has_followed
from .session_desk import session_desk, session_history
from .session_opening import SessionRequest
from .session_plan import plan_of, settings_of_plan
from .session_proposals import answered_decisions, propose_decisions
from .session_publishing import SessionPublisher
from .session_report import SessionFacts
from .session_rows import OpenSession, SessionResult, result_of
from .session_safety import SessionSafety
from .session_symbols import SessionSymbols
from .session_times import session_times
from .settings import Settings
from .stored_desk import StoredDesk

RETRY_EVERY = timedelta(seconds=60)
"""Time between attempts at decisions that failed for want of data or a model."""
FAILURES = frozenset({AbstentionCause.DATA, AbstentionCause.MODEL})
"""Causes of abstention that pass with time."""
FORCED_EXPIRY = timedelta(days=1)
TOO_LATE = "the deadline of its orders had passed"


class SessionWork:
    """Does the work of one session row. Every step looks for its own result first, so that it is never done twice."""

    def __init__(
        self,
        settings: Settings,
        stores: DailyStores,
        account: StoredAccount,
        session: OpenSession,
        observer: SessionObserver,
        clock: Callable[[], datetime],
        pause: Callable[[timedelta], Awaitable[None]],
    ) -> None:
        self._stores, self._account, self._session, self._observer = stores, account, session, observer
        self._clock, self._pause, self._plan = clock, pause, plan_of(session.row.request)
        self._settings = settings_of_plan(self._plan, settings)
        self._notices: list[str] = []
        self._symbols = SessionSymbols(
            stores.source, account.calendar, account.book.currency, session.row.as_of, self._notify
        )
        self.safety = SessionSafety(stores.ledger, account.name, account.calendar, settings.safety, self._notify)
        self.publisher = SessionPublisher(settings, stores, account, session, clock, self._notify)

    async def run(self, request: SessionRequest) -> SessionRecord | None:
        """Do what is left of the session; return its decisions, or None if there is nothing to decide."""
        row, forced = self._session.row, bool(self._plan.force)
        submitted = self._session.was_submitted(self._account.book)
        in_time = forced or self._clock() < self._plan.deadline or submitted
        if row.allocation is None:
            self._lapse("the session was decided anew")
        wait = request.wait and in_time
        settled = await self._settle(wait=wait)
        value = self.safety.after_settlement(row.session, self._past(), repeated=row.settled is not None)
        waiting = row.status is SessionStatus.AWAITING_APPROVAL
        if (request.skip and not submitted) or not (in_time or waiting):
            self._skip(value, request.skip or TOO_LATE)
            return None
        if self.safety.state is AccountState.HALTED and not self._session.was_submitted(self._account.book):
            self._skip(value, f"the account is halted: {self._account.book.halted}")
            return None
        if self._session.row.settled is None:
            self._session.settled(len(self._account.journal_events))
        record = await self._decide(settled.events.active, wait=wait)
        return self._finish(replace(record, events=settled.events), value)

    async def _settle(self, *, wait: bool) -> SessionRecord:
        """Advance the account to the session; with `wait`, try again while the market or a bar is unavailable."""
        while True:
            try:
                if wait and (late := self._late_symbols()):
                    self._notify(f"no bar of {self._session.row.session} yet for {', '.join(late)}; trying again")
                    await self._wait()
                    continue
                settled = await self._advance()
            except DataError as error:
                if not wait or self._clock() + RETRY_EVERY >= self._plan.deadline:
                    raise
                self._notify(f"{error}; trying again")
                await self._wait()
            else:
                for notice in settled.events.notices:
                    self._notify(notice)
                return settled

    async def _advance(self) -> SessionRecord:
        account, session = self._account, self._session.row.session
        if not self._plan.force:
            check_market_has_followed(
                self._stores.source, account.calendar, self._plan.symbols, account.book, session
            )  # fmt: skip
        return await run_session(account, _NoDecisions(), (), session, settle_only=True)

    def _late_symbols(self) -> tuple[str, ...]:
        """Return the symbols whose bars are waited for: for a quarter of the window, then they count as halted."""
        row, book = self._session.row, self._account.book
        times = session_times(self._account.calendar, row.session, self._plan.when)
        patience = times.earliest + (times.deadline - times.earliest) / 4
        if book.session >= row.session.isoformat() or self._clock() + RETRY_EVERY >= patience:
            return ()
        return symbols_without_bar(active_symbols(book), self._stores.source, self._account.calendar, row.session)

    async def _decide(self, active: Sequence[Symbol], *, wait: bool) -> SessionRecord:
        """Decide and submit. With a stored allocation, nothing is decided; `active` are held or have open orders.

        A session whose program, desk or endpoint has changed since it was stopped is decided anew as the next attempt.
        """
        if self._session.allocated(self._find) is not None:
            return await self._run(_NoDecisions(), (), self._ports(NO_HISTORY))
        while True:
            strategy = self._strategy(len({*self._symbols.tradable(self._plan.symbols), *active}))
            try:
                if wait:
                    await self._decide_until_deadline(strategy)
                ports = self._ports(self._history(strategy))
                return await self._run(strategy, self._symbols.tradable(self._plan.symbols), ports)
            except ConfigurationChanged as error:
                if self._session.row.allocation is not None:
                    raise
                self._notify(f"the decisions begin anew: {error}")
                self._session.begin_anew(f"attempt {self._session.row.attempt} was abandoned: {error}")

    async def _decide_until_deadline(self, strategy: StoredDesk) -> None:
        """Decide on all symbols, and again on those without data or model, until the deadline is near."""
        ports = SessionPorts(
            find_decision=self._find_lasting, approval=lambda _record: None, history=self._history(strategy)
        )
        while True:
            record = await self._run(strategy, self._symbols.tradable(self._plan.symbols), ports)
            failed = [each.ticker for each in record.decisions if _fails(each)]
            if not failed or self._clock() + RETRY_EVERY >= self._plan.deadline:
                return
            self._notify(f"no data or no model for {', '.join(failed)}; trying again until {self._plan.deadline}")
            await self._wait()

    async def _wait(self) -> None:
        """Wait for the next attempt; raises ClockSetBack if the clock was set back, since the deadline may be far."""
        before = self._clock()
        await self._pause(RETRY_EVERY)
        if (after := self._clock()) < before:
            raise ClockSetBack(f"the clock was set back from {before} to {after} while a session waited")

    async def _run(self, strategy: Strategy, watchlist: Sequence[Symbol], ports: SessionPorts) -> SessionRecord:
        row, runs = self._session.row, self._stores.runs
        account = SettledAccount(self._account, row.settled or 0, runs.find_decision)
        return await run_session(
            account, strategy, watchlist, row.session, as_of=row.as_of, concurrency=self._plan.concurrency,
            attempt=row.attempt, ports=ports,
        )  # fmt: skip

    def _strategy(self, count: int) -> StoredDesk:
        return session_desk(self._settings, self._stores, self._plan, self._symbols, self._observer, count)

    def _history(self, strategy: StoredDesk) -> DecisionHistory:
        return session_history(self._stores, self._account, strategy)

    def _ports(self, history: DecisionHistory) -> SessionPorts:
        def late() -> bool:
            past = not self._plan.force and self._clock() >= self._plan.deadline
            return past and not self._session.was_submitted(self._account.book)

        limits = PortfolioAllocation(self._account, self._stores.source, self._settings.portfolio)
        return SessionPorts(
            find_decision=self._find,
            allocated=lambda: self._session.allocated(self._find),
            allocate=lambda decisions: self._session.allocate(decisions, limits),
            approval=lambda record: self._approved(record.decisions),
            is_late=late,
            history=history,
        )

    def _approved(self, decisions: Sequence[Decision]) -> Sequence[Decision] | None:
        """Return the decisions without what was denied or has lapsed; None while a person has to answer."""
        ledger, name = self._stores.ledger, self._account.name
        decisions = self._without_overtaken(decisions)
        propose_decisions(self._stores, name, decisions, self._plan.approve, self._expiry())
        lapse_expired(ledger, name, self._clock())
        return answered_decisions(self._account.book, decisions, self._session.row.session, self._notify)

    def _without_overtaken(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Return the decisions without orders in symbols that a person has entered orders for; they stay withheld."""
        broker = self._stores.ledger.broker(self._account.name)
        kept = withhold_overtaken(broker, decisions)
        for before, after in zip(decisions, kept, strict=True):
            if after.risk.allowed != before.risk.allowed:
                self._notify(f"{after.ticker}: nothing is sent, {after.risk.denied[-1].reason}")
        if kept != tuple(decisions):
            self._session.amend(kept)
        return kept

    def _expiry(self) -> datetime:
        """Return when proposed orders expire: at the deadline; a forced session gives a person a day."""
        deadline = self._plan.deadline
        return max(deadline, self._session.row.started_at + FORCED_EXPIRY) if self._plan.force else deadline

    def _find(self, run_id: RunId) -> Decision | None:
        """Return a stored decision; its run counts as done even if the process that stored it was stopped then."""
        runs = self._stores.runs
        decision, run = runs.find_decision(run_id), runs.find(run_id)
        if decision is None or run is None:
            return None
        if run.status in {Status.INTERRUPTED, Status.FAILED}:
            runs.move(run_id, Status.RUNNING)
        if run.status is not Status.DONE:
            runs.move(run_id, Status.DONE)
        return decision

    def _find_lasting(self, run_id: RunId) -> Decision | None:
        """Return a stored decision unless it is worth another attempt."""
        decision = self._find(run_id)
        return None if decision is not None and _fails(decision) else decision

    def _finish(self, record: SessionRecord, value: SessionResult) -> SessionRecord:
        """Store the result of a decided session, or that it waits for a person."""
        if record.status is SessionStatus.AWAITING_APPROVAL:
            self._publish(record.status, value, record.decisions)
            self._session.move(record.status)
            return record
        answers = [answer for each in record.decisions for answer in each.submissions or ()]
        result = replace(
            value,
            runs={each.ticker: each.run_id for each in record.decisions},
            failed=bool(record.decisions) and all(map(_fails, record.decisions)),
            orders=len(answers),
            accepted=sum(answer.accepted for answer in answers),
            notices=tuple(self._notices),
            convictions={each.ticker: each.thesis.conviction for each in record.decisions if each.thesis},
        )
        self.safety.after_decisions([result, *self._past()])
        self._publish(record.status, result, record.decisions)
        self._session.finish(record.status, record.decisions, replace(result, notices=tuple(self._notices)))
        return record

    def _lapse(self, reason: str) -> None:
        lapse_session(self._stores.ledger, self._account.name, self._session.row.session, reason)

    def _skip(self, value: SessionResult, reason: str) -> None:
        self._lapse(f"nothing was submitted, {reason}")
        self._notify(f"session {self._session.row.session}: nothing was decided, {reason}")
        self._publish(SessionStatus.MISSED, value, ())
        self._session.finish(SessionStatus.MISSED, (), replace(value, notices=tuple(self._notices)), reason)

    def _publish(self, status: SessionStatus, value: SessionResult, decisions: Sequence[Decision]) -> None:
        past = self._past()
        self.publisher.publish(SessionFacts(status, value, past[0] if past else None, decisions, self._notices))

    def _past(self) -> list[SessionResult]:
        """Return the results of earlier sessions, newest first."""
        rows = self._stores.sessions.rows(self._account.name, limit=self._settings.safety.max_failed_sessions + 30)
        earlier = (result_of(row) for row in rows if row.session < self._session.row.session)
        return [result for result in earlier if result is not None]

    def _notify(self, text: str) -> None:
        self._notices.append(text)
        self._observer.notice(text)


class _NoDecisions:
    """A strategy for settlements, which ask for no decision."""

    name = "settlement"

    async def __call__(self, request: object) -> Decision:
        raise AssertionError("a settlement asks for no decision")


def _fails(decision: Decision) -> bool:
    """Return whether the decision is an abstention that may pass with time."""
    return decision.abstention is not None and decision.abstention.cause in FAILURES
