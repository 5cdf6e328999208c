"""The view model of an evaluated run."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from ..performance.returns import SESSIONS_A_YEAR
from ..reports.experiment_view import (
    ArmView,
    CalibrationPoint,
    CheckView,
    DifferenceView,
    ExampleView,
    ExperimentView,
    PromptChangeView,
    SeedRange,
)
from .examples import DecisionExample
from .experiment import ExperimentAccount
from .result import ExperimentResult, RunState
from .statistics.comparison import ArmComparison, ArmVerdict
from .track_result import TrackResult

STATES = {
    RunState.COMPLETE: "All units are finished.",
    RunState.UNITS_FAILED: "Accounts with failed units are left out for every arm; the same command retries them.",
    RunState.BUDGET_ENDED: "The budget ended before all units were finished; raise it and run the same command.",
    RunState.INCOMPLETE: "The run was interrupted; the same command continues it.",
    RunState.NOTHING_TO_COMPARE: "No account was finished by every arm, so nothing is compared.",
}
VERDICTS = {
    ArmVerdict.BETTER: "better",
    ArmVerdict.WORSE: "worse",
    ArmVerdict.NO_DIFFERENCE: "no difference shown",
    ArmVerdict.TOO_FEW_PAIRS: "too few pairs",
    ArmVerdict.IDENTICAL: "identical",
}


def view_of(result: ExperimentResult, checks: Sequence[CheckView] = ()) -> ExperimentView:
    """Return the view of a result; `checks` are verdicts on its honesty."""
    run, experiment = result.run, result.run.experiment
    facts, window = run.facts, experiment.window
    return ExperimentView(
        run_id=facts.run_id,
        name=facts.name,
        description=experiment.description,
        version=facts.version,
        started_at=facts.started_at,
        complete=result.state is RunState.COMPLETE,
        state=STATES[result.state],
        synthetic=facts.synthetic,
        market=experiment.market,
        fingerprint=facts.fingerprint,
        symbols=facts.symbols,
        first=facts.sessions[0],
        last=facts.sessions[-1],
        sessions=len(facts.sessions),
        every=str(window.every),
        warm_up=window.warm_up,
        seeds=experiment.seeds,
        costs=cost_words(experiment.account),
        currency=experiment.account.currency,
        metric=str(result.metric).replace("_", " "),
        against=result.against,
        confidence=experiment.compare.confidence,
        periods=SESSIONS_A_YEAR,
        trials=result.trials,
        accounts=result.accounts,
        dropped=result.dropped,
        known=facts.known,
        notes=facts.notes,
        arms=tuple(_arm(each, result) for each in result.tracks),
        differences=tuple(map(_difference, _arms_first(result))),
        best=tuple(map(_example, result.best)),
        worst=tuple(map(_example, result.worst)),
        prompt_changes=tuple(
            PromptChangeView(each.first, each.second, each.role, each.text) for each in facts.prompt_changes
        ),
        checks=tuple(checks),
        failures=result.failures,
    )


def _arms_first(result: ExperimentResult) -> Sequence[ArmComparison]:
    order = {track.name: place for place, track in enumerate(result.tracks)}
    return sorted(result.comparisons, key=lambda each: order[each.arm])


def cost_words(account: ExperimentAccount) -> str:
    """Return the trading costs of an account in words."""
    commission = f"{account.commission_bps} bp commission"
    if account.commission_per_share:
        most = "" if account.commission_cap_bps is None else f" and at most {account.commission_cap_bps} bp"
        commission = (
            f"{account.commission_per_share} {account.currency} commission a share, at least "
            f"{account.commission_minimum}{most} of an order"
        )
    tokens = ", and the model calls of each decision" if account.charge_tokens else ""
    return f"{commission}, {account.slippage_bps} bp slippage, {account.borrow_bps} bp borrow fee a year{tokens}"


def _arm(track: TrackResult, result: ExperimentResult) -> ArmView:
    facts = next(each for each in result.run.facts.tracks if each.name == track.name)
    deflated, used = result.deflated.get(track.name), track.usage
    return ArmView(
        name=track.name,
        is_arm=track.is_arm,
        desk=facts.desk,
        model=facts.model,
        sessions=track.sessions,
        equity=track.equity[1:],
        drawdown=track.drawdown,
        net=_shares(track.net, track.equity),
        gross=_shares(track.gross, track.equity),
        figures={each.name: SeedRange(each.mean, each.low, each.high) for each in track.figures},
        costs=track.costs,
        deflated=None if deflated is None else deflated.probability,
        by_symbol={each.part: each.value for each in track.by_symbol},
        by_year={each.part: each.value for each in track.by_year},
        outcomes=track.outcomes,
        rejected=track.rejected,
        forecasts=track.calibration.forecasts,
        brier=track.calibration.brier,
        calibration_error=track.calibration.error,
        calibration=tuple(CalibrationPoint(each.count, each.stated, each.observed) for each in track.calibration.bins),
        model_calls=used.calls,
        tokens=used.prompt_tokens + used.completion_tokens,
        cost_usd=None if used.cost_usd is None else f"{used.cost_usd:.4f}",
    )


def _shares(values: Sequence[float], equity: Sequence[float]) -> tuple[float, ...]:
    whole = np.array(equity[1:])
    shares = np.divide(np.array(values), whole, out=np.zeros_like(whole), where=whole > 0)
    return tuple(float(share) for share in shares)


def _difference(each: ArmComparison) -> DifferenceView:
    interval, power = each.interval, each.power
    return DifferenceView(
        arm=each.arm,
        against=each.against,
        verdict=VERDICTS[each.verdict],
        proven=each.verdict in {ArmVerdict.BETTER, ArmVerdict.WORSE},
        difference=None if interval is None else interval.value,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        p_value=each.adjusted_p_value,
        pairs=each.pairs,
        sessions=each.sessions,
        detectable=None if power is None else power.detectable,
        sessions_needed=None if power is None else power.sessions_needed,
        seeds_needed=None if power is None else power.seeds_needed,
        by_seed=dict(each.seeds.means),
    )


def _example(each: DecisionExample) -> ExampleView:
    made = each.decision
    return ExampleView(
        arm=each.track,
        seed=each.seed,
        run_id=made.run_id,
        session=made.session,
        symbol=made.symbol,
        conviction=made.conviction or 0.0,
        gain=each.gain,
        summary=made.summary,
        record=_record(each),
    )


def _record(each: DecisionExample) -> str:
    """Return the whole decision document, or without it what the unit holds of the decision, as indented JSON."""
    whole = asdict(each.decision) if each.document is None else json.loads(each.document)
    return json.dumps(whole, indent=1, default=str, ensure_ascii=False)
