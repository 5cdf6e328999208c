"""What an experiment is expected to take: units, decisions, model calls, tokens, cost and time."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from ..app.backtest_estimate import estimate_backtest
from ..app.backtest_request import BacktestRequest
from ..app.settings import Settings
from ..app.usage_estimate import UsageEstimate
from ..desk.backtest import sessions_to_decide
from ..domain.trading_calendar import trading_calendar
from .plan import ExperimentPlan, PlannedTrack
from .unit import PlannedUnit
from .unit_run import run_rule_unit, unit_market

SAMPLED_SESSIONS = 12
SECONDS_A_CALL = 5.0
"""Assumed time of one model call."""


@dataclass(frozen=True, slots=True)
class TrackEstimate:
    """One arm or baseline.

    Attributes:
        units, finished: all units, and those with a stored result, which are not run again.
        decisions: of the units that are left.
        calls, tokens: of models; `cost_usd` is None if a price is not known.
        learning_calls: those of learning among the calls, at most.
        seconds: of one process, or of one unit's calls in sequence.
    """

    track: str
    units: int
    finished: int
    decisions: int
    calls: int
    tokens: int
    cost_usd: Decimal | None
    seconds: float
    learning_calls: int = 0


@dataclass(frozen=True, slots=True)
class ExperimentEstimate:
    """The whole experiment; `seconds` is the expected time with `workers` processes."""

    tracks: tuple[TrackEstimate, ...]
    workers: int
    seconds: float


def estimate_experiment(plan: ExperimentPlan, finished: frozenset[str], workers: int) -> ExperimentEstimate:
    """Return the estimate; rule units are timed on a few sessions, no model is called and nothing is stored."""
    workers = max(1, min(workers, os.cpu_count() or 1))
    left = [unit for unit in plan.units if unit.key not in finished]
    seconds, found = _seconds_a_decision(left), list[TrackEstimate]()
    for track in plan.tracks:
        units = [unit for unit in plan.units if unit.track == track.name]
        pending = [unit for unit in left if unit.track == track.name]
        found.append(_track(plan, track, units, pending, seconds))
    rules = sum(each.seconds for each in found if not each.calls) / workers
    models = max((each.seconds for each in found if each.calls), default=0.0)
    return ExperimentEstimate(tuple(found), workers, rules + models)


def _track(
    plan: ExperimentPlan,
    track: PlannedTrack,
    units: Sequence[PlannedUnit],
    pending: Sequence[PlannedUnit],
    seconds: Mapping[bool, float],
) -> TrackEstimate:
    decisions = sum(len(unit.symbols) for unit in pending) * _deciding(plan, units[0])
    done = len(units) - len(pending)
    if not pending or not pending[0].has_model or track.arm is None:
        spent = decisions * seconds.get(units[0].baseline is None, 0.0)
        return TrackEstimate(track.name, len(units), done, decisions, 0, 0, Decimal(0), spent)
    used, share = unit_usage(pending[0], plan), Decimal(decisions)
    per_decision = share / max(used.decisions, 1)
    calls = int(used.calls * per_decision)
    return TrackEstimate(
        track=track.name,
        units=len(units),
        finished=done,
        decisions=decisions,
        calls=calls,
        tokens=int((used.prompt_tokens + used.answer_tokens) * per_decision),
        cost_usd=None if used.cost_usd is None else used.cost_usd * per_decision,
        seconds=calls / len(pending) * SECONDS_A_CALL,
        learning_calls=int(used.learning_calls * per_decision),
    )


def _deciding(plan: ExperimentPlan, unit: PlannedUnit) -> int:
    return len(sessions_to_decide(trading_calendar(unit.calendar), plan.sessions, unit.every))


def unit_usage(unit: PlannedUnit, plan: ExperimentPlan) -> UsageEstimate:
    """Return the expected usage of units like this one on all symbols of its experiment; no model is called."""
    settings, account = Settings.model_validate_json(unit.settings), unit.account
    request = BacktestRequest(
        plan.symbols, unit.first, unit.last, unit.every, account.cash, account.currency, unit.rules,
        with_memory=unit.memory != "none", warm_up_from=unit.trained_from or unit.labelled_from,
    )  # fmt: skip
    source, accounts = unit_market(unit.settings, unit.seed, unit.last), len(plan.symbols) // len(unit.symbols)
    return estimate_backtest(request, settings, source, max(1, accounts))


def _seconds_a_decision(units: Sequence[PlannedUnit]) -> Mapping[bool, float]:
    """Return the measured seconds of a decision by a desk of rules (True) and by a baseline (False)."""
    found = dict[bool, float]()
    for unit in units:
        if unit.has_model or (unit.baseline is None) in found:
            continue
        calendar = trading_calendar(unit.calendar)
        days = calendar.between(unit.first, unit.last)
        last = days[min(SAMPLED_SESSIONS, len(days)) - 1]
        with TemporaryDirectory() as folder:
            short = replace(unit, key=f"sample {unit.key}", last=last, folder=Path(folder))
            run_rule_unit(short)  # the first run reads the market
            start = time.perf_counter()
            made = len(run_rule_unit(short).decisions)
        found[unit.baseline is None] = (time.perf_counter() - start) / max(made, 1)
    return found
