"""The files of a run beside its units: decisions, metrics and report."""

import json
from dataclasses import asdict

from ..domain.errors import ConfigError
from ..domain.times import iso_time
from ..reports.experiment_report import experiment_html
from .checks import check_run
from .decision_table import decision_lines, parquet_installed, write_decisions
from .protocol_figures import convention_figures
from .result import ExperimentResult
from .run_folder import DECISIONS, METRICS, PARQUET, REPORT, StoredExperiment, write_whole
from .statistics.comparison import ArmComparison
from .track_result import TrackResult
from .unit import UnitUsage
from .view import view_of

SCHEMA = "openoutcry.experiment/1"
DIGITS = 10


def write_outputs(run: StoredExperiment, result: ExperimentResult) -> None:
    """Write `metrics.json`, `decisions.jsonl` and `report.html` of a run; raises ConfigError if that fails.

    With the extra `parquet`, the decisions are also written to `decisions.parquet`.
    """
    try:
        write_whole(run.folder / METRICS, json.dumps(metrics_document(result), indent=1, default=str) + "\n")
        write_whole(run.folder / DECISIONS, "".join(f"{line}\n" for line in decision_lines(run)))
        if parquet_installed():
            write_decisions(run, run.folder / PARQUET)
        write_whole(run.folder / REPORT, experiment_html(view_of(result, check_run(result))))
    except OSError as error:
        raise ConfigError(f"{run.folder} cannot be written: {error.strerror}; make room and run it again") from error


def metrics_document(result: ExperimentResult) -> dict[str, object]:
    """Return the result as one JSON document, schema `openoutcry.experiment/1`; undefined figures are null."""
    run, experiment = result.run, result.run.experiment
    facts, account = run.facts, experiment.account
    return {
        "schema": SCHEMA,
        "run_id": facts.run_id,
        "name": facts.name,
        "version": facts.version,
        "started_at": iso_time(facts.started_at),
        "state": str(result.state),
        "market": {"source": experiment.market, "synthetic": facts.synthetic, "fingerprint": facts.fingerprint},
        "universe": list(facts.symbols),
        "window": {
            "from": str(experiment.window.first),
            "to": str(experiment.window.last),
            "every": str(experiment.window.every),
            "warm_up": experiment.window.warm_up,
            "sessions": len(facts.sessions),
        },
        "seeds": list(experiment.seeds),
        "account": account.model_dump(mode="json"),
        "knowledge": [asdict(each) for each in facts.known],
        "trials": result.trials,
        "accounts": {"compared": result.accounts, "dropped": result.dropped},
        "failures": [{"unit": unit, "error": error} for unit, error in result.failures],
        "tracks": [_track(each, result) for each in result.tracks],
        "comparison": comparison_section(result),
        "conventions": [asdict(each) for each in convention_figures(result)],
    }


def comparison_section(result: ExperimentResult) -> dict[str, object]:
    """Return the comparison with everything that it rests on: trials, accounts, costs, cut-offs, data."""
    experiment, facts = result.run.experiment, result.run.facts
    return {
        "run_id": facts.run_id,
        "metric": str(result.metric),
        "against": result.against,
        "confidence": experiment.compare.confidence,
        "trials": result.trials,
        "accounts": result.accounts,
        "dropped": result.dropped,
        "costs": {
            "commission_bps": experiment.account.commission_bps,
            "slippage_bps": experiment.account.slippage_bps,
            "borrow_bps": experiment.account.borrow_bps,
            "charge_tokens": experiment.account.charge_tokens,
        },
        "knowledge": [asdict(each) for each in facts.known],
        "notes": list(facts.notes),
        "fingerprint": facts.fingerprint,
        "arms": [comparison_document(each) for each in result.comparisons],
    }


def comparison_document(each: ArmComparison) -> dict[str, object]:
    """Return one comparison; differences are mean returns a session, positive where the arm is better."""
    interval, power = each.interval, each.power
    return {
        "arm": each.arm,
        "against": each.against,
        "verdict": str(each.verdict),
        "difference": None if interval is None else interval.value,
        "interval": None if interval is None else [interval.low, interval.high],
        "p_value": each.p_value,
        "adjusted_p_value": each.adjusted_p_value,
        "pairs": each.pairs,
        "sessions": each.sessions,
        "unpaired": each.unpaired,
        "block": each.block,
        "by_seed": {str(seed): mean for seed, mean in each.seeds.means.items()},
        "detectable": None if power is None else power.detectable,
        "sessions_needed": None if power is None else power.sessions_needed,
        "seeds_needed": None if power is None else power.seeds_needed,
    }


def _track(track: TrackResult, result: ExperimentResult) -> dict[str, object]:
    facts = next(each for each in result.run.facts.tracks if each.name == track.name)
    deflated = result.deflated.get(track.name)
    return {
        "name": track.name,
        "kind": "arm" if track.is_arm else "baseline",
        "content": facts.content,
        "desk": facts.desk,
        "model": facts.model,
        "memory": facts.memory,
        "prompts": dict(facts.prompts),
        "units": {"finished": track.finished, "failed": track.failed},
        "figures": {
            each.name: None if each.mean is None else {"mean": each.mean, "low": each.low, "high": each.high}
            for each in track.figures
        },
        "deflated_sharpe": None if deflated is None else asdict(deflated),
        "costs": round(track.costs, 2),
        "token_costs": track.token_costs,
        "outcomes": dict(track.outcomes),
        "rejected_orders": track.rejected,
        "by_symbol": {each.part: each.value for each in track.by_symbol},
        "by_year": {each.part: each.value for each in track.by_year},
        "calibration": asdict(track.calibration),
        "usage": usage_document(track.usage),
    }


def usage_document(used: UnitUsage) -> dict[str, object]:
    """Return model calls, tokens and cost."""
    return {
        "model_calls": used.calls,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "cost_usd": None if used.cost_usd is None else str(used.cost_usd),
    }
