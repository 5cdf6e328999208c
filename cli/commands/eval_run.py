"""`openoutcry eval run`: run or continue an experiment, or estimate it."""

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from ...app.settings import load_settings
from ...evals.checks import check_run
from ...evals.estimate import estimate_experiment
from ...evals.experiment_file import load_experiment
from ...evals.experiment_service import ExperimentInterrupted, ExperimentService, RunnerKind
from ...evals.outputs import metrics_document
from ...evals.plan import ExperimentPlan
from ...evals.result import ExperimentResult, RunState
from ...evals.unit_store import FILE_NAME, UnitStore
from ...evals.view import view_of
from ..console.exit_codes import ExitCode
from ..console.experiment import print_experiment, print_experiment_estimate
from ..console.experiment_progress import ExperimentProgressDisplay
from ..console.tables import print_notice, write_json


@dataclass(frozen=True, slots=True)
class EvalRunOptions:
    """The arguments of `eval run` as given."""

    experiment: str
    runner: str
    workers: int | None
    dry_run: bool
    output: Path | None
    as_json: bool


def run_command(options: EvalRunOptions, flags: Mapping[str, object]) -> ExitCode:
    """Run, continue or estimate an experiment, print it and return the exit code."""
    settings, file = load_settings(flags), load_experiment(options.experiment)
    workers = options.workers or os.cpu_count() or 1
    with ExperimentProgressDisplay(Console(stderr=True)) as display:
        service = ExperimentService(settings, display, output=options.output)
        if options.dry_run:
            return _estimate(service.plan(file), workers, as_json=options.as_json)
        try:
            result = service.run(file, RunnerKind(options.runner), workers)
        except ExperimentInterrupted as stopped:
            return _interrupted(stopped.run_id, options)
    print_notice(f"the run is stored in {result.run.folder}")
    return present(result, as_json=options.as_json)


def present(result: ExperimentResult, *, as_json: bool) -> ExitCode:
    """Print a result and return the exit code: NO_DATA if every account is left out."""
    if as_json:
        write_json(metrics_document(result))
    else:
        print_experiment(view_of(result, check_run(result)))
    return ExitCode.NO_DATA if result.state is RunState.NOTHING_TO_COMPARE else ExitCode.DONE


def _estimate(plan: ExperimentPlan, workers: int, *, as_json: bool) -> ExitCode:
    finished = frozenset[str]()
    if (plan.folder / FILE_NAME).is_file():
        with closing(UnitStore(plan.folder)) as store:
            finished = store.finished()
    estimate = estimate_experiment(plan, finished, workers)
    if as_json:
        write_json(asdict(estimate))
    else:
        print_experiment_estimate(estimate)
    return ExitCode.DONE


def _interrupted(run_id: str, options: EvalRunOptions) -> ExitCode:
    output = "" if options.output is None else f" --output {options.output}"
    sys.stderr.write(f"\ninterrupted: openoutcry eval run {options.experiment}{output} continues {run_id}\n")
    return ExitCode.INTERRUPTED
