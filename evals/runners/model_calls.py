"""Units with models, concurrently in one event loop: they wait for the endpoint, not for the processor."""

import asyncio
from collections.abc import Sequence

from ...domain.errors import BudgetExceeded, ConfigError, OpenOutcryError, is_bug
from ...llm.budget import Budget, BudgetCaps
from ..unit import PlannedUnit
from ..unit_run import run_unit_async
from .allowances import ModelOutcome
from .runner import Finish, UnitOutcome


async def run_with_models(
    units: Sequence[PlannedUnit], concurrency: int, budget: Budget, finish: Finish
) -> BudgetExceeded | None:
    """Execute units, at most `concurrency` at a time; return the error if the budget of the experiment is used up.

    A unit that exceeds a smaller budget is reported as failed. Finished model calls of all units are stored.
    """
    slots, ended = asyncio.Semaphore(concurrency), list[BudgetExceeded]()

    async def attempt(unit: PlannedUnit) -> None:
        async with slots:
            if ended:
                return
            try:
                finish(UnitOutcome(unit, await run_unit_async(unit, budget)))
            except BudgetExceeded as error:
                if budget.name in str(error):
                    ended.append(error)
                else:
                    finish(UnitOutcome(unit, None, str(error)))
            except OpenOutcryError as error:
                if is_bug(error) or isinstance(error, ConfigError):
                    raise
                finish(UnitOutcome(unit, None, str(error)))

    async with asyncio.TaskGroup() as group:
        for unit in units:
            group.create_task(attempt(unit))
    return ended[0] if ended else None


def attempt_model_unit(unit: PlannedUnit, allowance: BudgetCaps) -> ModelOutcome:
    """Run a unit with a model in this process, with a budget of its own; raises bugs and ConfigError."""
    budget = Budget("experiment", allowance)
    try:
        record = asyncio.run(run_unit_async(unit, budget))
    except BudgetExceeded as error:
        if budget.name in str(error):
            return ModelOutcome(None, budget.booked, str(error))
        return ModelOutcome(UnitOutcome(unit, None, str(error)), budget.booked)
    except OpenOutcryError as error:
        if is_bug(error) or isinstance(error, ConfigError):
            raise
        return ModelOutcome(UnitOutcome(unit, None, str(error)), budget.booked)
    return ModelOutcome(UnitOutcome(unit, record), budget.booked)
