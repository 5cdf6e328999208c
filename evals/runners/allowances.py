"""Units with models in other processes, each with an allowance that is reserved from the budget before it starts."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from ...domain.errors import BudgetExceeded
from ...llm.budget import NOTHING, Budget, BudgetCaps, Reservation, Spending
from ..unit import PlannedUnit
from .runner import Finish, UnitOutcome

CENT_OF_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """How a unit ended in another process.

    Attributes:
        outcome: its record, or its error; None if its allowance ended.
        spent: what all its calls have cost, those of earlier attempts included; None if the process was lost.
        ended: the error of the allowance that ended.
    """

    outcome: UnitOutcome | None
    spent: Spending | None
    ended: str = ""


class ModelTasks(Protocol):
    """Runs units with models in other processes."""

    def start(self, unit: PlannedUnit, allowance: BudgetCaps) -> object:
        """Start a unit whose calls may spend at most `allowance`; return a handle."""

    def wait(self, handles: Sequence[object]) -> tuple[object, ModelOutcome]:
        """Wait for one of the units, and return its handle and how it ended."""


@dataclass(frozen=True, slots=True)
class _Running:
    unit: PlannedUnit
    before: Spending
    reservation: Reservation
    amount: Spending
    alone: bool


class AllowanceRunner:
    """Starts units with allowances that together never exceed the budget.

    A unit whose allowance ends is started again when no other one runs, with all that is left; its finished calls are
    stored and not repeated. If that ends too, the budget is used up. Of a process that is lost, the whole allowance
    counts as spent.
    """

    def __init__(self, tasks: ModelTasks, budget: Budget, most: int) -> None:
        """Create a runner of at most `most` units at a time."""
        self._tasks, self._budget, self._most = tasks, budget, most
        self._running = dict[object, _Running]()

    def run(self, units: Sequence[PlannedUnit], finish: Finish) -> BudgetExceeded | None:
        """Execute the units; return the error if the budget ended before all were finished."""
        waiting = deque((unit, NOTHING) for unit in units)
        short = deque[tuple[PlannedUnit, Spending]]()
        ended: BudgetExceeded | None = None
        while True:
            while waiting and len(self._running) < self._most and ended is None:
                error = self._start(*waiting[0], parts=min(len(waiting), self._most - len(self._running)))
                if error is None:
                    waiting.popleft()
                elif self._running:  # what those spend less than their allowance is left for this one
                    break
                else:
                    ended = error
            if not self._running and short and ended is None:
                ended = self._start(*short.popleft(), parts=1)
            if not self._running:
                return ended
            task, result = self._next()
            if result.outcome is not None:
                finish(result.outcome)
            elif task.alone:
                ended = BudgetExceeded(result.ended)
            else:
                short.append((task.unit, result.spent or task.before))

    def _start(self, unit: PlannedUnit, before: Spending, *, parts: int) -> BudgetExceeded | None:
        """Start a unit with a part of what is left; return the error if nothing is left."""
        amount = self._part(parts)
        try:
            reservation = self._budget.reserve(amount)
        except BudgetExceeded as error:
            return error
        handle = self._tasks.start(unit, self._allowance(before + amount))
        alone = parts == 1 and not self._running
        self._running[handle] = _Running(unit, before, reservation, amount, alone)
        return None

    def _next(self) -> tuple[_Running, ModelOutcome]:
        handle, result = self._tasks.wait(list(self._running))
        task = self._running.pop(handle)
        task.reservation.settle(task.amount if result.spent is None else result.spent - task.before)
        return task, result

    def _part(self, parts: int) -> Spending:
        """Return an equal part of what is neither spent nor reserved, of the units of the caps; at least one call."""
        caps, left = self._budget.caps, self._budget.left
        return Spending(
            0 if caps.max_calls is None else max(1, left.calls // parts),
            0 if caps.max_tokens is None else max(1, left.tokens // parts),
            Decimal(0) if caps.max_cost_usd is None else _share(left.usd, parts),
        )

    def _allowance(self, amount: Spending) -> BudgetCaps:
        caps = self._budget.caps
        return BudgetCaps(
            None if caps.max_calls is None else amount.calls,
            None if caps.max_tokens is None else amount.tokens,
            None if caps.max_cost_usd is None else amount.usd,
        )


def _share(left: Decimal, parts: int) -> Decimal:
    return (
        max(CENT_OF_CENT, (left / parts).quantize(CENT_OF_CENT, ROUND_DOWN)) if parts > 1 else max(CENT_OF_CENT, left)
    )
