"""The runner on a Ray cluster (extra `ray`): rule units as tasks of the cluster, units with models in this process."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...domain.errors import BudgetExceeded, ConfigError
from ...llm.budget import Budget
from ..unit import PlannedUnit
from .local import LocalRunner
from .processes import attempt_rule_unit
from .runner import Finish, UnitOutcome

MOST_RETRIES = 3
"""How often Ray runs a task again whose worker or node was lost."""
AHEAD = 4
"""Tasks submitted per worker: the object store holds at most this many records for each."""


class RayRunner:
    """Implements `Runner` on the cluster that RAY_ADDRESS names, or on one that is started on this machine."""

    def __init__(self, workers: int, budget: Budget) -> None:
        """Create a runner that uses at most `workers` processors; raises ConfigError if Ray is not installed."""
        if find_spec("ray") is None:
            raise ConfigError("--runner ray needs the extra ray; install it with: pip install 'openoutcry[ray]'")
        self._workers, self._budget = workers, budget

    def run(self, units: Sequence[PlannedUnit], finish: Finish) -> BudgetExceeded | None:
        """Execute the units without models on the cluster, then those with models in this process."""
        rules = [unit for unit in units if not unit.has_model]
        for outcome in self._on_cluster(rules) if rules else ():
            finish(outcome)
        models = [unit for unit in units if unit.has_model]
        return LocalRunner(1, self._budget).run(models, finish) if models else None

    def _on_cluster(self, units: Sequence[PlannedUnit]) -> Iterator[UnitOutcome]:
        ray: Any = import_module("ray")
        own = not ray.is_initialized()
        if own:
            ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False, num_cpus=self._workers)
        try:
            yield from _bounded(ray, units, self._workers * AHEAD)
        finally:
            if own:
                ray.shutdown()


def _bounded(ray: Any, units: Sequence[PlannedUnit], most: int) -> Iterator[UnitOutcome]:
    """Yield outcomes as tasks end, with at most `most` tasks submitted at a time."""
    task = ray.remote(max_retries=MOST_RETRIES)(attempt_rule_unit)
    left, running = list(units), dict[Any, PlannedUnit]()
    while left or running:
        while left and len(running) < most:
            unit = left.pop(0)
            running[task.remote(unit)] = unit
        ended, _ = ray.wait(list(running), num_returns=1)
        for reference in ended:
            unit = running.pop(reference)
            yield _outcome(ray, reference, unit)


def _outcome(ray: Any, reference: Any, unit: PlannedUnit) -> UnitOutcome:
    """Return the result of a task; a lost worker is the unit's failure, any other error is raised as it was."""
    try:
        outcome: UnitOutcome = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        return UnitOutcome(unit, None, f"the cluster lost this unit: {type(error).__name__}")
    return outcome
