"""The local runner: processes for units of rules, one event loop for units with models."""

import asyncio
import os
from collections.abc import Sequence

from ...domain.errors import BudgetExceeded
from ...llm.budget import Budget
from ..unit import PlannedUnit
from .model_calls import run_with_models
from .processes import run_in_processes
from .runner import Finish

MOST_MODEL_UNITS = 16
"""Units with models that run at a time; the setting max_parallel caps the calls of each."""


class LocalRunner:
    """Implements `Runner` on this machine."""

    def __init__(self, workers: int, budget: Budget) -> None:
        """Create a runner with at most as many processes as the machine has processors."""
        self._workers, self._budget = max(1, min(workers, os.cpu_count() or 1)), budget

    def run(self, units: Sequence[PlannedUnit], finish: Finish) -> BudgetExceeded | None:
        """Execute the units without models first, then those with models."""
        rules = [unit for unit in units if not unit.has_model]
        if rules:
            run_in_processes(rules, self._workers, finish)
        if models := [unit for unit in units if unit.has_model]:
            return _first_error(models, self._budget, finish)
        return None


def _first_error(units: Sequence[PlannedUnit], budget: Budget, finish: Finish) -> BudgetExceeded | None:
    """Run units with models; an error of a group of tasks is raised as the error of its first task."""
    try:
        return asyncio.run(run_with_models(units, MOST_MODEL_UNITS, budget, finish))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group
