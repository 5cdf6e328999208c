"""Export of a run to MLflow: one run for each arm and baseline, with figures, parameters and the comparison."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...domain.errors import ConfigError
from ..outputs import comparison_section, metrics_document
from ..result import ExperimentResult
from ..track_result import TrackResult

INSTALL = "pip install 'openoutcry[mlflow]'"


def export_to_mlflow(result: ExperimentResult, tracking_uri: str | None) -> int:
    """Write a run to MLflow and return the number of MLflow runs; an experiment has the name of ours.

    Raises ConfigError that names the command to install MLflow if it is missing.
    """
    if find_spec("mlflow") is None:
        raise ConfigError(f"the export to MLflow needs the extra mlflow; install it with: {INSTALL}")
    mlflow: Any = import_module("mlflow")
    if tracking_uri is not None:
        mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment(result.run.facts.name)
    for track in result.tracks:
        with mlflow.start_run(run_name=f"{result.run.facts.run_id} {track.name}"):
            mlflow.set_tags({"run_id": result.run.facts.run_id, "fingerprint": result.run.facts.fingerprint})
            mlflow.log_params(track_parameters(result, track))
            mlflow.log_metrics({each.name: each.mean for each in track.figures if each.mean is not None})
            mlflow.log_dict(comparison_section(result), "comparison.json")
            mlflow.log_dict(metrics_document(result), "metrics.json")
    return len(result.tracks)


def track_parameters(result: ExperimentResult, track: TrackResult) -> dict[str, str]:
    """Return what distinguishes an arm, and the conditions of the run, as texts."""
    facts = next(each for each in result.run.facts.tracks if each.name == track.name)
    account = result.run.experiment.account
    return {
        "arm": track.name,
        "desk": facts.desk,
        "model": facts.model,
        "memory": facts.memory,
        "content": facts.content,
        "trials": str(result.trials),
        "commission_bps": str(account.commission_bps),
        "slippage_bps": str(account.slippage_bps),
        "symbols": ",".join(result.run.facts.symbols),
        "first": str(result.run.facts.sessions[0]),
        "last": str(result.run.facts.sessions[-1]),
    }
