"""The evaluation of a run: tracks over the accounts that every arm has finished, and paired comparisons."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ..app.settings import Settings
from ..domain.errors import ConfigError
from ..performance.ratios import sharpe_ratio
from ..performance.returns import Floats
from .counted import CountedUnit, counted_unit
from .examples import DecisionExample, best_and_worst
from .experiment import CompareMetric
from .run_facts import TrackFacts
from .run_folder import StoredExperiment
from .statistics.comparison import ArmComparison, ComparisonRules, compare_with
from .statistics.deflated_sharpe import DeflatedSharpe, deflated_sharpe
from .statistics.pairing import PairKey
from .track_result import (
    TrackResult,
    calibration_of,
    figures_of,
    mean_over_seeds,
    outcomes_of,
    pool_seeds,
    returns_by_symbol,
    returns_by_year,
    session_returns,
    total_usage,
)
from .trials import log_trials
from .unit import UnitRecord
from .unit_store import PlannedRow

BENCHMARK = "buy_and_hold"


class RunState(StrEnum):
    """How far a run has come."""

    COMPLETE = "complete"
    UNITS_FAILED = "units_failed"
    """Some units failed; their accounts are left out for every arm and counted."""

    BUDGET_ENDED = "budget_ended"
    """The budget ended before all units were finished."""

    INCOMPLETE = "incomplete"
    """The run was interrupted; the same command continues it."""

    NOTHING_TO_COMPARE = "nothing_to_compare"
    """No account was finished by every arm."""


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """The evaluation of a run.

    Attributes:
        tracks: arms first, then baselines; empty if there is nothing to compare.
        comparisons: each other track with `against`; positive differences, in return a session, favour the track.
        metric: what is compared.
        deflated: the deflated Sharpe ratio of each arm, by name; None where it is undefined.
        trials: number of variants ever tried on this window and data.
        accounts: number of accounts (symbol or book, and seed) that every arm has finished.
        dropped: number of accounts that are left out because an arm or baseline has not finished them.
        failures: errors of failed units, by track, symbols and seed.
        best, worst: decisions of the arms with the largest gain and loss.
    """

    run: StoredExperiment
    state: RunState
    tracks: tuple[TrackResult, ...]
    comparisons: tuple[ArmComparison, ...]
    metric: CompareMetric
    against: str
    deflated: Mapping[str, DeflatedSharpe | None]
    trials: int
    accounts: int
    dropped: int
    failures: tuple[tuple[str, str], ...]
    best: tuple[DecisionExample, ...]
    worst: tuple[DecisionExample, ...]


@dataclass(frozen=True, slots=True)
class _Account:
    symbols: str
    seed: int


Accounts = Mapping[str, Mapping[_Account, UnitRecord]]
"""The finished units of each track by account."""


def evaluate(
    run: StoredExperiment,
    settings: Settings,
    *,
    budget_ended: bool = False,
    metric: CompareMetric | None = None,
    against: str | None = None,
) -> ExperimentResult:
    """Return the evaluation of a run, whatever part of it is finished; its arms enter the trial log of `settings`.

    `metric` and `against` replace those of the experiment file. Raises ConfigError if `against` is no track of the run.
    """
    with run.units() as store:
        rows, failures = store.planned(), store.failures()
        found = {row.key: record for row in rows if (record := store.find(row.key)) is not None}
    return evaluate_units(
        run, settings, rows, found, failures, budget_ended=budget_ended, metric=metric, against=against
    )


def evaluate_units(
    run: StoredExperiment,
    settings: Settings,
    rows: Sequence[PlannedRow],
    found: Mapping[str, UnitRecord],
    failures: Mapping[str, str],
    *,
    budget_ended: bool = False,
    metric: CompareMetric | None = None,
    against: str | None = None,
) -> ExperimentResult:
    """Return the evaluation of the units in `rows`, of which `found` are finished by key; see `evaluate`."""
    asked = run.experiment
    chosen, reference = metric or asked.compare.metric, against or asked.against
    _check_reference(run, reference)
    whole, shared = _accounts(rows, found)
    charge = asked.account.charge_tokens
    counted = {
        name: {account: counted_unit(units[account], asked.window.warm_up, charge_tokens=charge) for account in shared}
        for name, units in whole.items()
    }
    outcomes = {name: _outcomes(units, chosen) for name, units in counted.items()}
    returns = _mean_returns(run, counted) if shared else {}
    trials = log_trials(settings, run, {name: sharpe_ratio(each, 1) for name, each in returns.items()})
    best, worst = best_and_worst(run, _arm_units(run, rows, counted))
    return ExperimentResult(
        run=run,
        state=_state(rows, found, failures, shared, budget_ended=budget_ended),
        tracks=tuple(_track(each, whole, counted, rows, failures) for each in run.facts.tracks) if shared else (),
        comparisons=compare_with(outcomes, reference, ComparisonRules(asked.compare.confidence)) if shared else (),
        metric=chosen,
        against=reference,
        deflated={name: deflated_sharpe(each, trials.sharpes, trials=trials.trials) for name, each in returns.items()},
        trials=trials.trials,
        accounts=len(shared),
        dropped=len({(row.symbols, row.seed) for row in rows}) - len(shared),
        failures=tuple((_label(row), failures[row.key]) for row in rows if row.key in failures),
        best=best,
        worst=worst,
    )


def _check_reference(run: StoredExperiment, name: str) -> None:
    known = [track.name for track in run.facts.tracks]
    if name not in known:
        raise ConfigError(f"--against {name}: run {run.facts.run_id} has the arms and baselines {', '.join(known)}")


def _accounts(rows: Sequence[PlannedRow], found: Mapping[str, UnitRecord]) -> tuple[Accounts, list[_Account]]:
    """Return the finished units of each track, and the accounts that every track has finished, in order."""
    whole: dict[str, dict[_Account, UnitRecord]] = {row.track: {} for row in rows}
    for row in rows:
        if row.key in found:
            whole[row.track][_Account(row.symbols, row.seed)] = found[row.key]
    every = dict.fromkeys(_Account(row.symbols, row.seed) for row in rows)
    return whole, [account for account in every if all(account in units for units in whole.values())]


def _outcomes(units: Mapping[_Account, CountedUnit], metric: CompareMetric) -> dict[PairKey, float]:
    """Return the metric of every counted session by session, symbol and seed."""
    found = dict[PairKey, float]()
    for account, unit in units.items():
        returns = session_returns(unit.equity)
        if metric is CompareMetric.GROSS_RETURN:
            before = unit.equity[:-1]
            returns = returns + np.divide(unit.costs, before, out=np.zeros_like(before), where=before > 0)
        found |= {
            PairKey(session, account.symbols, account.seed): float(value)
            for session, value in zip(unit.sessions, returns, strict=True)
        }
    return found


def _track(
    facts: TrackFacts,
    whole: Accounts,
    counted: Mapping[str, Mapping[_Account, CountedUnit]],
    rows: Sequence[PlannedRow],
    failures: Mapping[str, str],
) -> TrackResult:
    units = counted[facts.name]
    seeds = pool_seeds(_by_seed(units))
    benchmark = pool_seeds(_by_seed(counted[BENCHMARK])) if BENCHMARK in counted else {}
    decisions = [decision for unit in units.values() for decision in unit.decisions]
    by_symbol = defaultdict[str, list[CountedUnit]](list)
    for account, unit in units.items():
        by_symbol[account.symbols].append(unit)
    first = next(iter(seeds.values()))
    return TrackResult(
        name=facts.name,
        is_arm=facts.is_arm,
        finished=len(whole[facts.name]),
        failed=sum(row.track == facts.name and row.key in failures for row in rows),
        figures=figures_of(seeds, benchmark),
        sessions=first.sessions,
        equity=mean_over_seeds(seeds, "equity"),
        net=mean_over_seeds(seeds, "net"),
        gross=mean_over_seeds(seeds, "gross"),
        outcomes=outcomes_of(decisions),
        rejected=sum(each.rejected for each in decisions),
        by_symbol=returns_by_symbol(by_symbol),
        by_year=returns_by_year(list(units.values())),
        calibration=calibration_of(decisions),
        costs=float(sum(unit.trading_costs.sum() for unit in seeds.values())) / len(seeds),
        token_costs=_token_costs(seeds),
        usage=total_usage(record.usage for record in whole[facts.name].values()),
    )


def _token_costs(seeds: Mapping[int, CountedUnit]) -> float | None:
    found = [float(unit.token_costs.sum()) for unit in seeds.values() if unit.token_costs is not None]
    return sum(found) / len(seeds) if len(found) == len(seeds) else None


def _by_seed(units: Mapping[_Account, CountedUnit]) -> Mapping[int, list[CountedUnit]]:
    found = defaultdict[int, list[CountedUnit]](list)
    for account, unit in units.items():
        found[account.seed].append(unit)
    return found


def _mean_returns(run: StoredExperiment, counted: Mapping[str, Mapping[_Account, CountedUnit]]) -> Mapping[str, Floats]:
    """Return the mean session returns over all accounts, of each arm."""
    arms = [track.name for track in run.facts.tracks if track.is_arm]
    return {name: np.mean([session_returns(unit.equity) for unit in counted[name].values()], axis=0) for name in arms}


def _state(
    rows: Sequence[PlannedRow],
    found: Mapping[str, UnitRecord],
    failures: Mapping[str, str],
    shared: Sequence[_Account],
    *,
    budget_ended: bool,
) -> RunState:
    missing = {row.key for row in rows} - found.keys() - failures.keys()
    if not shared:
        return RunState.NOTHING_TO_COMPARE
    if budget_ended:
        return RunState.BUDGET_ENDED
    if missing:
        return RunState.INCOMPLETE
    return RunState.UNITS_FAILED if failures else RunState.COMPLETE


def _label(row: PlannedRow) -> str:
    return f"{row.track} on {row.symbols}, seed {row.seed}"


def _arm_units(
    run: StoredExperiment, rows: Sequence[PlannedRow], counted: Mapping[str, Mapping[_Account, CountedUnit]]
) -> Iterator[tuple[PlannedRow, CountedUnit]]:
    """Yield the counted units of the arms, in the order of the plan."""
    arms = {track.name for track in run.facts.tracks if track.is_arm}
    for row in rows:
        unit = counted[row.track].get(_Account(row.symbols, row.seed))
        if unit is not None and row.track in arms:
            yield row, unit
