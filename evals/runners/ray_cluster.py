"""The runner on a Ray cluster (extra `ray`): units are its tasks, those with models within an allowance each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...domain.errors import BudgetExceeded, ConfigError
from ...llm.budget import Budget, BudgetCaps
from ..unit import PlannedUnit
from .allowances import AllowanceRunner, ModelOutcome
from .model_calls import attempt_model_unit
from .processes import attempt_rule_unit
from .runner import Finish, UnitOutcome

MOST_RETRIES = 3
"""How often Ray runs a task again whose worker or node was lost."""
MODELS_PER_WORKER = 8
"""Units with models that run at a time for each processor: they wait for the endpoint most of the time."""
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
        """Execute the units without models first, then those with models.

        The workers need the folder of the run at the same path, in which models store their finished calls.
        """
        rules, models = ([unit for unit in units if unit.has_model is kind] for kind in (False, True))
        with self._cluster() as ray:
            for outcome in _bounded(ray, rules, self._workers * AHEAD):
                finish(outcome)
            most = self._workers * MODELS_PER_WORKER
            return AllowanceRunner(RayModelTasks(ray), self._budget, most).run(models, finish) if models else None

    @contextmanager
    def _cluster(self) -> Iterator[Any]:
        ray: Any = import_module("ray")
        own = not ray.is_initialized()
        if own:
            ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False, num_cpus=self._workers)
        try:
            yield ray
        finally:
            if own:
                ray.shutdown()


class RayModelTasks:
    """Implements `ModelTasks`; a task of which the worker is lost is not run again by Ray, since its calls cost."""

    def __init__(self, ray: Any) -> None:
        self._ray, self._units = ray, dict[Any, PlannedUnit]()
        self._task = ray.remote(max_retries=0, num_cpus=1 / MODELS_PER_WORKER)(attempt_model_unit)

    def start(self, unit: PlannedUnit, allowance: BudgetCaps) -> object:
        """Submit a unit."""
        reference = self._task.remote(unit, allowance)
        self._units[reference] = unit
        return reference

    def wait(self, handles: Sequence[object]) -> tuple[object, ModelOutcome]:
        """Wait for one of the units."""
        [reference, *_], _ = self._ray.wait(list(handles), num_returns=1)
        unit = self._units.pop(reference)
        try:
            found: ModelOutcome = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError as error:
            lost = f"the cluster lost this unit: {type(error).__name__}; the same command continues it"
            found = ModelOutcome(UnitOutcome(unit, None, lost), None)
        return reference, found


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
