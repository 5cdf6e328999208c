"""Evaluation of prompt folders on parts of the tuning window, each folder and part once."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from ...app.clock import now
from ...app.settings import Settings
from ...desk.learning.instructions.score import benchmark_score
from ...domain.errors import BudgetExceeded, ModelUnavailable
from ...llm.budget import Budget, Spending
from ...performance.ratios import sharpe_ratio
from ..counted import CountedUnit, counted_unit
from ..experiment import Period
from ..plan import plan_experiment
from ..runners.local import LocalRunner
from ..runners.runner import UnitOutcome
from ..track_result import session_returns
from ..unit import PlannedUnit, UnitDecision, UnitRecord
from ..unit_store import UnitStore
from .derived import ARM, BENCHMARK, tuning_file
from .request import OptimizeRequest


@dataclass(frozen=True, slots=True)
class AccountEvaluation:
    """One account (symbols and seed) of an evaluation, with its decisions."""

    symbols: str
    seed: int
    total_return: float
    benchmark_return: float
    decisions: tuple[UnitDecision, ...]

    @property
    def score(self) -> float:
        """Return the score of this account alone."""
        return benchmark_score(self.total_return, self.benchmark_return)


@dataclass(frozen=True, slots=True)
class CandidateEvaluation:
    """The evaluation of one prompt folder on one part.

    Attributes:
        content: hash of the arm with these prompts.
        total_return, benchmark_return: means over all accounts of the net return of the part.
        sharpe: Sharpe ratio per session of the mean session returns; None if they are constant.
    """

    content: str
    total_return: float
    benchmark_return: float
    sharpe: float | None
    accounts: tuple[AccountEvaluation, ...]

    @property
    def score(self) -> float:
        """Return the score of all accounts together."""
        return benchmark_score(self.total_return, self.benchmark_return)


class CandidateEvaluator:
    """Evaluates prompt folders; units are stored in the folder of the optimization and are not run again."""

    def __init__(self, request: OptimizeRequest, settings: Settings, folder: Path, budget: Budget) -> None:
        """Create an evaluator whose model calls are spent from `budget`."""
        self._request, self._settings, self._folder, self._budget = request, settings, folder, budget
        self._booked = set[str]()

    def evaluate(self, prompts: Path | None, part: Period) -> CandidateEvaluation:
        """Return the evaluation of the prompts in a folder, None for the built-in ones, on a part.

        Raises BudgetExceeded, ModelUnavailable if a unit fails, ConfigError and bugs.
        """
        request = self._request
        file = tuning_file(request.file, request.arm, part, prompts)
        plan = plan_experiment(file, self._settings, self._folder / "units")
        with closing(UnitStore(self._folder)) as store:
            self._run(plan.units, store)
            found = {unit.key: store.find(unit.key) for unit in plan.units}
        records = [(unit, record) for unit in plan.units if (record := found[unit.key]) is not None]
        [arm] = plan.arms
        return _evaluated(arm.content.hash, records)

    def _run(self, units: Sequence[PlannedUnit], store: UnitStore) -> None:
        finished, failed = store.finished(), list[str]()
        keys = {unit.key for unit in units} & finished
        for record in store.records(sorted(keys - self._booked)):
            self._budget.book(_spent(record))

        def finish(outcome: UnitOutcome) -> None:
            if outcome.record is None:
                failed.append(outcome.error)
            else:
                store.save(outcome.record, now())

        pending = [unit for unit in units if unit.key not in finished]
        ended: BudgetExceeded | None = LocalRunner(self._request.options.workers, self._budget).run(pending, finish)
        self._booked |= {unit.key for unit in units}
        if ended is not None:
            raise ended
        if failed:
            raise ModelUnavailable(f"{failed[0]}; the same command continues the optimization")


def _spent(record: UnitRecord) -> Spending:
    used = record.usage
    return Spending(used.calls, used.prompt_tokens + used.completion_tokens, used.cost_usd or Decimal(0))


def _evaluated(content: str, records: Sequence[tuple[PlannedUnit, UnitRecord]]) -> CandidateEvaluation:
    counted = {(unit.symbols, unit.seed, unit.track): counted_unit(record, 0) for unit, record in records}
    own = {(symbols, seed): unit for (symbols, seed, track), unit in counted.items() if track == ARM}
    accounts = tuple(
        AccountEvaluation(
            symbols=",".join(symbols),
            seed=seed,
            total_return=_total(unit),
            benchmark_return=_total(counted[symbols, seed, BENCHMARK]),
            decisions=unit.decisions,
        )
        for (symbols, seed), unit in own.items()
    )
    mean = np.mean([session_returns(unit.equity) for unit in own.values()], axis=0)
    return CandidateEvaluation(
        content=content,
        total_return=float(np.mean([each.total_return for each in accounts])),
        benchmark_return=float(np.mean([each.benchmark_return for each in accounts])),
        sharpe=sharpe_ratio(mean, 1),
        accounts=accounts,
    )


def _total(unit: CountedUnit) -> float:
    return float(unit.equity[-1] / unit.equity[0] - 1)
