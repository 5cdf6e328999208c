"""The row of a session while it is worked on: its allocation, its decisions and its result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pydantic import TypeAdapter

from ..desk.records.run_status import Status
from ..desk.records.run_store import RunStore
from ..desk.records.session_status import SessionStatus
from ..desk.records.session_store import SessionRow, SessionStore, finished
from ..domain.decision import Decision, Outcome, RiskOutcome
from ..domain.ids import RunId, Symbol
from ..ledger.book.book import Book

Allocate = Callable[[Sequence[Decision]], Sequence[Decision]]


@dataclass(frozen=True, slots=True)
class AllocatedDecision:
    """A decision's outcome and orders after the limits over the whole book."""

    outcome: Outcome
    risk: RiskOutcome


@dataclass(frozen=True, slots=True)
class SessionResult:
    """What a finished session stores, money in the account's currency.

    Attributes:
        runs: the run of each symbol that was decided on.
        equity: at the session's close.
        index: value of one unit of the account, 1 at its first session; deposits and withdrawals do not change it.
        peak: the highest index so far.
        seq: the last journal event that the equity includes.
        failed: whether data or models failed for every symbol.
        orders, accepted: orders that were submitted, and accepted by the broker.
        notices: messages about missing data and skipped symbols.
        convictions: of the theses of the session, by symbol.
    """

    runs: dict[Symbol, RunId]
    equity: Decimal
    index: Decimal
    peak: Decimal
    seq: int
    failed: bool = False
    orders: int = 0
    accepted: int = 0
    notices: tuple[str, ...] = ()
    convictions: dict[Symbol, float] = field(default_factory=dict)


_ALLOCATION: TypeAdapter[dict[RunId, AllocatedDecision]] = TypeAdapter(dict[RunId, AllocatedDecision])
_RESULT: TypeAdapter[SessionResult] = TypeAdapter(SessionResult)


def result_of(row: SessionRow) -> SessionResult | None:
    """Return the stored result of a session; None if it has none."""
    return None if row.result is None else _RESULT.validate_json(row.result)


class OpenSession:
    """The stored row of one session; every change is durable when the method returns."""

    def __init__(self, sessions: SessionStore, runs: RunStore, row: SessionRow, clock: Callable[[], datetime]) -> None:
        self._sessions, self._runs, self.row, self._clock = sessions, runs, row, clock

    def move(self, status: SessionStatus, note: str = "") -> None:
        """Store the next state, with a note that is added to the present one."""
        self._store(finished(self.row, status, self._clock(), note=note))

    def settled(self, seq: int) -> None:
        """Store that the account was settled at journal event `seq`."""
        self._store(replace(self.row, settled=seq))

    def replace(self, row: SessionRow) -> None:
        """Store another row of the same session in place of this one."""
        self._store(row)

    def allocate(self, decisions: Sequence[Decision], limits: Allocate) -> Sequence[Decision]:
        """Return the decisions after the limits over the whole book, which are applied once per session.

        A session that is continued uses the stored allocation, since the account may have its orders already.
        """
        if self.row.allocation is None:
            allowed = {each.run_id: AllocatedDecision(each.outcome, each.risk) for each in limits(decisions)}
            self._store(replace(self.row, allocation=_ALLOCATION.dump_json(allowed).decode()))
        return self._with_allocation(decisions)

    def allocated(self, find: Callable[[RunId], Decision | None]) -> Sequence[Decision] | None:
        """Return the decisions of the stored allocation; None before the limits were applied, or without one of them.

        `find` returns a stored decision.
        """
        if self.row.allocation is None:
            return None
        decisions = [decision for run_id in self._allocation() if (decision := find(run_id)) is not None]
        return self._with_allocation(decisions) if len(decisions) == len(self._allocation()) else None

    def begin_anew(self, note: str) -> None:
        """Store the next attempt of a session without an allocation; its decisions get other run ids."""
        assert self.row.allocation is None
        row = finished(self.row, SessionStatus.RUNNING, self._clock(), note=note)
        self._store(replace(row, attempt=self.row.attempt + 1))

    def _with_allocation(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        stored = self._allocation()
        return [
            replace(each, outcome=stored[each.run_id].outcome, risk=stored[each.run_id].risk)
            if each.run_id in stored
            else each
            for each in decisions
        ]

    def _allocation(self) -> dict[RunId, AllocatedDecision]:
        return _ALLOCATION.validate_json(self.row.allocation or "{}")

    def amend(self, decisions: Sequence[Decision]) -> None:
        """Store decisions that have changed since the limits were applied in place of the stored allocation."""
        changed = {each.run_id: AllocatedDecision(each.outcome, each.risk) for each in decisions}
        allocation = _ALLOCATION.dump_json(changed).decode()
        if allocation != self.row.allocation:
            self._store(replace(self.row, allocation=allocation))

    def was_submitted(self, book: Book) -> bool:
        """Return whether the account knows a decision of this session."""
        return any(run_id in book.decisions for run_id in self._allocation())

    def finish(
        self, status: SessionStatus, decisions: Sequence[Decision], result: SessionResult, note: str = ""
    ) -> None:
        """Store the decisions with the broker's answers, then the final state and the result."""
        for decision in decisions:
            if decision.submissions is not None:
                self._runs.record(decision, Status.SUBMITTED)
                self._runs.move(decision.run_id, Status.DONE)
        row = finished(self.row, status, self._clock(), note=note)
        self._store(replace(row, result=_RESULT.dump_json(result).decode()))

    def _store(self, row: SessionRow) -> None:
        self._sessions.update(row)
        self.row = row
