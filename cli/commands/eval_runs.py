"""`openoutcry eval list|show|compare|report`: stored runs of experiments."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...app.id_prefix import match_id
from ...app.settings import load_settings
from ...domain.errors import ConfigError
from ...evals.checks import check_run
from ...evals.experiment import CompareMetric
from ...evals.joined import joined_result
from ...evals.outputs import comparison_section
from ...evals.result import ExperimentResult, evaluate
from ...evals.run_folder import StoredExperiment, find_run, runs_folder, stored_runs
from ...evals.view import view_of
from ...reports.experiment_report import check_experiment_report, write_experiment_report
from ..console.exit_codes import ExitCode
from ..console.experiment import print_comparison
from ..console.tables import print_notice, print_rows, write_json
from .eval_run import present


@dataclass(frozen=True, slots=True)
class _RunLine:
    run_id: str
    started_at: datetime
    state: str
    units: int
    finished: int
    failed: int
    arms: str


def list_runs(output: Path | None, *, as_json: bool) -> None:
    """Print the runs of a folder, newest first."""
    runs = runs_folder(load_settings({}), output)
    lines = [_line(run) for run in stored_runs(runs)]
    print_rows(lines, as_json=as_json, nothing="no run yet; openoutcry eval run EXPERIMENT starts one")


def show_run(text: str, output: Path | None, *, as_json: bool) -> ExitCode:
    """Print a run with all figures."""
    return present(_evaluated(text, output), as_json=as_json)


def show_decision(text: str, run_id: str, output: Path | None) -> None:
    """Print the document of a decision that a run has kept whole; a unique prefix of its id is enough."""
    run = find_run(runs_folder(load_settings({}), output), text)
    with run.units() as store:
        known = store.documents()
        if not any(each.startswith(run_id) for each in known):
            raise ConfigError(
                f"{run.facts.run_id} has not kept a decision {run_id!r}; a run keeps the best and worst of each unit, "
                "and with eval run --keep decisions all that it makes"
            )
        found = match_id(run_id, known, "kept decision", f"openoutcry eval show {run.facts.run_id}")
        write_json(json.loads(store.document(found) or "{}"))


def compare_runs(
    text: str, other: str | None, metric: str | None, against: str | None, output: Path | None, *, as_json: bool
) -> ExitCode:
    """Print the comparison of one run, or of two runs together."""
    chosen = None if metric is None else CompareMetric(metric)
    settings = load_settings({})
    runs = runs_folder(settings, output)
    run = find_run(runs, text)
    if other is None:
        result = evaluate(run, settings, metric=chosen, against=against)
    else:
        result = joined_result(run, find_run(runs, other), settings, metric=chosen, against=against)
    if as_json:
        write_json(comparison_section(result))
    else:
        print_comparison(view_of(result))
    return ExitCode.DONE


def report_run(text: str, path: Path, output: Path | None, *, force: bool) -> None:
    """Write the HTML report of a run."""
    check_experiment_report(path, force=force)
    result = _evaluated(text, output)
    write_experiment_report(path, view_of(result, check_run(result)), force=force)
    print_notice(f"report written to {path}")


def _evaluated(text: str, output: Path | None) -> ExperimentResult:
    settings = load_settings({})
    return evaluate(find_run(runs_folder(settings, output), text), settings)


def _line(run: StoredExperiment) -> _RunLine:
    with run.units() as store:
        keys, finished, failures = {row.key for row in store.planned()}, store.finished(), store.failures()
    done, failed = len(keys & finished), len(keys & failures.keys())
    state = "finished" if done == len(keys) else "failed units" if done + failed == len(keys) else "interrupted"
    arms = ", ".join(track.name for track in run.facts.tracks if track.is_arm)
    return _RunLine(run.facts.run_id, run.facts.started_at, state, len(keys), done, failed, arms)
