"""One trading session: settle the account, decide on every symbol, submit. The only loop of the package."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.ids import RunId, Symbol
from .accounts.account import SessionEvents, TradingAccount
from .accounts.superseded import with_superseded
from .decision import DecisionRequest
from .decision_history import NO_HISTORY, DecisionHistory, account_figures, with_history
from .learning.instructions.window import SessionStart
from .records.session_status import SessionStatus
from .run_id import submission_run_id
from .strategies.strategy import BookStrategy, LearnsBetweenSessions, Strategy, history_length


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session of one account.

    Attributes:
        as_of: the moment that the decisions were made for.
        status: SETTLED if no decision was asked for, AWAITING_APPROVAL or LATE if nothing was submitted, else DONE.
        events: the result of the settlement.
        decisions: one for each symbol, sorted by symbol; with the broker's answers once they were submitted.
    """

    account: str
    session: date
    as_of: datetime
    status: SessionStatus
    events: SessionEvents
    decisions: tuple[Decision, ...] = ()


def _nothing_found(_: RunId) -> Decision | None:
    return None


def _not_stored(_: Decision) -> None:
    """Keep nothing."""


def _unchanged(decisions: Sequence[Decision]) -> Sequence[Decision]:
    return decisions


def _all_approved(record: SessionRecord) -> Sequence[Decision] | None:
    return record.decisions


def _nothing_allocated() -> Sequence[Decision] | None:
    return None


def _in_time() -> bool:
    return False


def _not_published(_: SessionRecord) -> None:
    """Publish nothing."""


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """What a session needs from outside; the defaults store nothing, limit nothing and approve everything.

    Attributes:
        find_decision: returns the finished decision of a run id, or None; a session that is run again uses it.
        store_decision: stores a finished decision, before anything is submitted.
        allocated: returns all decisions of the session after `allocate` if that was applied before, else None. With
            them, a session that is run again decides nothing, whatever has changed since.
        allocate: applies limits over the whole book to all decisions of the session together.
        approval: returns the approved decisions of a record, or None while a person has to approve them.
        is_late: returns whether the deadline of the session's orders has passed; they are not submitted then.
        publish: receives every record that `run_session` returns.
        history: the earlier decisions of the account, for a strategy that is shown them.
    """

    find_decision: Callable[[RunId], Decision | None] = _nothing_found
    store_decision: Callable[[Decision], None] = _not_stored
    allocated: Callable[[], Sequence[Decision] | None] = _nothing_allocated
    allocate: Callable[[Sequence[Decision]], Sequence[Decision]] = _unchanged
    approval: Callable[[SessionRecord], Sequence[Decision] | None] = _all_approved
    is_late: Callable[[], bool] = _in_time
    publish: Callable[[SessionRecord], None] = _not_published
    history: DecisionHistory = NO_HISTORY


NO_PORTS = SessionPorts()


async def run_session(
    account: TradingAccount,
    strategy: Strategy,
    watchlist: Sequence[Symbol],
    session: date,
    *,
    as_of: datetime | None = None,
    settle_only: bool = False,
    concurrency: int = 8,
    attempt: int = 1,
    ports: SessionPorts = NO_PORTS,
) -> SessionRecord:
    """Advance `account` through `session`, decide on every symbol of the watchlist and of the book, and submit.

    All decisions see the account as the settlement left it, at most `concurrency` of them run at a time, and they are
    submitted in one call, sorted by symbol: the result does not depend on the order of the watchlist or on which
    decision finishes first. `as_of` is the session's close unless given. `settle_only` asks for no decision.

    A session that is run again repeats nothing: processed sessions, stored decisions and submitted orders stay as
    they are. `attempt` gives the decisions new run ids. Orders whose deadline has passed are not submitted, unless the
    session submitted them before. Raises what the account raises, and the first exception of the strategy after the
    other decisions were canceled.
    """
    events = account.advance(session)
    timestamp = as_of or account.calendar.close(session)
    record = SessionRecord(account.name, session, timestamp, SessionStatus.SETTLED, events)
    if settle_only:
        ports.publish(record)
        return record
    allowed = ports.allocated()
    if allowed is None:
        symbols = sorted({*watchlist, *events.active})
        shown = _shown_accounts(account, strategy, symbols, timestamp, ports.history)
        requests = [_request(record, strategy.name, attempt, symbol, view) for symbol, view in shown]
        if isinstance(strategy, LearnsBetweenSessions) and requests:
            await strategy.learn(_start(account, record, symbols), requests)
        allowed = ports.allocate(await _decide_all(strategy, requests, concurrency, ports))
    record = replace(record, decisions=_sorted(allowed))
    return _submit(account, record, ports)


def _shown_accounts(
    account: TradingAccount, strategy: Strategy, symbols: Sequence[Symbol], before: datetime, history: DecisionHistory
) -> list[tuple[Symbol, Account]]:
    """Return each symbol with the account as the strategy is shown it, with earlier decisions if it reads them."""
    count, book = history_length(strategy), account.book
    return [(symbol, with_history(account.view(symbol), history, symbol, before, count, book)) for symbol in symbols]


def _start(account: TradingAccount, record: SessionRecord, symbols: Sequence[Symbol]) -> SessionStart:
    figures = account_figures(account.book)
    return SessionStart(record.session, record.as_of, tuple(symbols), figures.equity, figures.deposited)


def _request(record: SessionRecord, desk: str, attempt: int, symbol: Symbol, view: Account) -> DecisionRequest:
    name = submission_run_id(record.account, record.session, symbol, desk, attempt)
    return DecisionRequest(name, symbol, record.as_of, view, attempt)


async def _decide_all(
    strategy: Strategy, questions: Sequence[DecisionRequest], concurrency: int, ports: SessionPorts
) -> Sequence[Decision]:
    if isinstance(strategy, BookStrategy):
        return await _decide_book(strategy, questions, ports)
    slots = asyncio.Semaphore(concurrency)

    async def decide(question: DecisionRequest) -> Decision:
        if (found := ports.find_decision(question.run_id)) is not None:
            return found
        async with slots:
            decision = with_superseded(await strategy(question), question.account)
        ports.store_decision(decision)
        return decision

    tasks = [asyncio.create_task(decide(request)) for request in questions]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _decide_book(
    strategy: BookStrategy, questions: Sequence[DecisionRequest], ports: SessionPorts
) -> Sequence[Decision]:
    """Decide on all symbols in one call, unless all decisions are stored.

    The decisions of one call belong together, so all of them are returned if one is absent from the store. The decision
    that was asked for first is stored last: while it is absent, a further attempt continues the run.
    """
    stored = [ports.find_decision(question.run_id) for question in questions]
    if all(stored) or not questions:
        return [decision for decision in stored if decision is not None]
    made = await strategy.decide_book(questions)
    decided = [with_superseded(decision, question.account) for decision, question in zip(made, questions, strict=True)]
    for before, decision in reversed(list(zip(stored, decided, strict=True))):
        if before is None:
            ports.store_decision(decision)
    return decided


def _submit(account: TradingAccount, record: SessionRecord, ports: SessionPorts) -> SessionRecord:
    approved = ports.approval(record)
    if approved is None:
        record = replace(record, status=SessionStatus.AWAITING_APPROVAL)
    elif ports.is_late():
        record = replace(record, status=SessionStatus.LATE, decisions=_sorted(approved))
    else:
        answered = account.submit(_sorted(approved))
        record = replace(record, status=SessionStatus.DONE, decisions=tuple(answered))
    ports.publish(record)
    return record


def _sorted(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    return tuple(sorted(decisions, key=lambda decision: decision.ticker))
