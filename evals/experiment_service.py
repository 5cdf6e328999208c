"""Running of an experiment: plan, reuse, execute, evaluate. Results are returned and reported to an observer."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from ..app.clock import now
from ..app.settings import Settings, home
from ..desk.records.run_lease import RunLease
from ..domain.errors import BudgetExceeded
from ..llm.budget import Budget, BudgetCaps, Spending
from .experiment_file import ExperimentFile
from .outputs import write_outputs
from .plan import ExperimentPlan, plan_experiment
from .result import ExperimentResult, evaluate
from .run_facts import facts_of
from .run_folder import begin_run, find_run, other_stores, runs_folder
from .runners.local import LocalRunner
from .runners.ray_cluster import RayRunner
from .runners.runner import Runner, UnitOutcome
from .unit import PlannedUnit, UnitRecord, matched_rate
from .unit_store import UnitStore


class RunnerKind(StrEnum):
    """Where units are executed."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True, slots=True)
class ExperimentProgress:
    """The state of a run.

    Attributes:
        total, done, failed: number of units; `done` includes `reused`.
        reused: units that were finished before this run.
        decisions: made in this run.
        seconds: since the start of this run.
        spent_usd: cost of the model calls of the whole experiment; None if a price is not known.
        cap_usd: cap of the experiment's budget; None without one.
    """

    total: int
    done: int
    failed: int
    reused: int
    decisions: int
    seconds: float
    spent_usd: Decimal | None
    cap_usd: Decimal | None

    @property
    def rate(self) -> float | None:
        """Return decisions made per second; None before the first."""
        return self.decisions / self.seconds if self.decisions and self.seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """Return the expected seconds to the end, from the units ended in this run; None before the first."""
        ended = self.done - self.reused + self.failed
        return self.seconds / ended * (self.total - self.done - self.failed) if ended else None


class ExperimentObserver(Protocol):
    """Receives the events of a run in order. Implementations must not raise."""

    def notice(self, text: str) -> None:
        """Receive one sentence for the user."""

    def started(self, plan: ExperimentPlan, reused: int) -> None:
        """Receive the plan, and how many units were finished before."""

    def progress(self, progress: ExperimentProgress) -> None:
        """Receive the state after a unit has ended."""


class ExperimentInterrupted(KeyboardInterrupt):
    """The user interrupted a run that the same command continues: `run_id`."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class ExperimentService:
    """Runs experiments with one set of settings."""

    def __init__(
        self,
        settings: Settings,
        observer: ExperimentObserver,
        *,
        output: Path | None = None,
        keep_decisions: bool = False,
    ) -> None:
        """Create a service; `output` is the folder of all runs, by default in the state folder.

        With `keep_decisions`, every decision of the units that are run is kept whole, not only the best and worst.
        """
        self._settings, self._observer, self._keeps = settings, observer, keep_decisions
        self._runs = runs_folder(settings, output).absolute()

    def plan(self, file: ExperimentFile) -> ExperimentPlan:
        """Return the checked plan; nothing is stored. Raises ConfigError and NoData."""
        return plan_experiment(file, self._settings, self._runs)

    def run(self, file: ExperimentFile, kind: RunnerKind, workers: int) -> ExperimentResult:
        """Run an experiment, or continue it; finished units, also those of other runs, are used again.

        Raises what `plan` raises, StoreLocked while another process runs it, ExperimentInterrupted on SIGINT, bugs.
        """
        plan = self.plan(file)
        budget = Budget("experiment", _caps(file))
        runner = self._runner(kind, workers, budget)
        with RunLease(home(self._settings) / "leases", plan.run_id, what="experiment").held():
            begin_run(plan.folder, file.text, facts_of(plan, now()))
            with closing(UnitStore(plan.folder)) as store:
                ended = self._execute(plan, runner, store, budget)
                return self._evaluated(plan, ended)

    def _runner(self, kind: RunnerKind, workers: int, budget: Budget) -> Runner:
        return RayRunner(workers, budget) if kind is RunnerKind.RAY else LocalRunner(workers, budget)

    def _execute(self, plan: ExperimentPlan, runner: Runner, store: UnitStore, budget: Budget) -> BudgetExceeded | None:
        store.plan(plan.units)
        keys = {unit.key for unit in plan.units}
        adopted = sum(
            _adopt(store, folder, keys - store.finished()) for folder in other_stores(self._runs, plan.folder)
        )
        if adopted:
            self._observer.notice(f"{adopted} finished units of other runs are used again")
        finished = store.finished() & keys
        _book(budget, store.records(sorted(finished)))
        pending = _distinct(
            replace(unit, keeps_decisions=self._keeps) for unit in plan.units if unit.key not in finished
        )
        self._observer.started(plan, len(finished))
        recorder = _Recorder(store, budget, len(keys), len(finished), self._observer.progress)
        try:
            if ended := runner.run([unit for unit in pending if unit.like is None], recorder.finish):
                return ended
            return runner.run(_matched([unit for unit in pending if unit.like is not None], store), recorder.finish)
        except KeyboardInterrupt as stop:
            raise ExperimentInterrupted(plan.run_id) from stop

    def _evaluated(self, plan: ExperimentPlan, ended: BudgetExceeded | None) -> ExperimentResult:
        run = find_run(self._runs, plan.run_id)
        result = evaluate(run, self._settings, budget_ended=ended is not None)
        write_outputs(run, result)
        if ended is not None:
            self._observer.notice(f"{ended}; the finished units were evaluated")
        return result


class _Recorder:
    """Stores outcomes and reports the progress."""

    def __init__(
        self,
        store: UnitStore,
        budget: Budget,
        total: int,
        reused: int,
        report: Callable[[ExperimentProgress], None],
    ) -> None:
        self._store, self._budget, self._report = store, budget, report
        self._total, self._reused, self._start = total, reused, time.perf_counter()
        self._done, self._failed, self._decisions = reused, 0, 0

    def finish(self, outcome: UnitOutcome) -> None:
        """Store one outcome."""
        if outcome.record is None:
            self._store.fail(outcome.unit.key, outcome.error, now())
            self._failed += 1
        else:
            self._store.save(outcome.record, now())
            self._done, self._decisions = self._done + 1, self._decisions + len(outcome.record.decisions)
        self._report(
            ExperimentProgress(
                total=self._total,
                done=self._done,
                failed=self._failed,
                reused=self._reused,
                decisions=self._decisions,
                seconds=time.perf_counter() - self._start,
                spent_usd=self._budget.booked.usd,
                cap_usd=self._budget.caps.max_cost_usd,
            )
        )


def _caps(file: ExperimentFile) -> BudgetCaps:
    asked = file.experiment.budget
    return BudgetCaps(asked.max_calls, asked.max_tokens, asked.max_cost_usd)


def _adopt(store: UnitStore, folder: Path, keys: Iterable[str]) -> int:
    with closing(UnitStore(folder)) as other:
        return store.adopt(other, keys)


def _book(budget: Budget, records: Iterable[UnitRecord]) -> None:
    """Book what finished units have spent."""
    for record in records:
        used = record.usage
        tokens = used.prompt_tokens + used.completion_tokens
        budget.book(Spending(used.calls, tokens, used.cost_usd or Decimal(0)))


def _matched(units: Sequence[PlannedUnit], store: UnitStore) -> Sequence[PlannedUnit]:
    """Return the units of the random baseline with the turnover of their finished references; others are left out."""
    found = [(unit, store.find(unit.like or "")) for unit in units]
    return [replace(unit, rate=matched_rate(record, len(unit.symbols))) for unit, record in found if record is not None]


def _distinct(units: Iterable[PlannedUnit]) -> Sequence[PlannedUnit]:
    """Return one unit for each key: arms with the same content share their results."""
    return tuple({unit.key: unit for unit in units}.values())
