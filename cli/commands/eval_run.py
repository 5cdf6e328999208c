"""`openoutcry eval run`: run or continue an experiment, or estimate it."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from ...app.factories import DEMO
from ...app.settings import NAMED_MARKETS, Settings, load_settings
from ...domain.errors import ConfigError
from ...evals.checks import check_run
from ...evals.estimate import estimate_experiment
from ...evals.experiment_file import ExperimentFile, load_experiment
from ...evals.experiment_service import ExperimentInterrupted, ExperimentService, RunnerKind
from ...evals.outputs import metrics_document
from ...evals.plan import ExperimentPlan
from ...evals.protocol import ProtocolMeasure, ProtocolSpec, load_protocol, protocol_experiments, protocol_names
from ...evals.protocol_figures import convention_figures, convention_rows
from ...evals.result import ExperimentResult, RunState
from ...evals.unit_store import FILE_NAME, UnitStore
from ...evals.view import view_of
from ..console.exit_codes import ExitCode
from ..console.experiment import print_experiment, print_experiment_estimate
from ..console.experiment_progress import ExperimentProgressDisplay
from ..console.tables import print_notice, print_table, write_json
from .eval_demo import DemoOptions, signals_command

DRAWS = 1_000
"""Draws of the bootstrap of a protocol that measures the planted signals."""


@dataclass(frozen=True, slots=True)
class EvalRunOptions:
    """The arguments of `eval run` as given."""

    experiment: str
    runner: str
    workers: int | None
    dry_run: bool
    output: Path | None
    as_json: bool
    market: str | None = None
    restrict: bool = False
    keep: bool = False


def run_command(options: EvalRunOptions, flags: Mapping[str, object]) -> ExitCode:
    """Run, continue or estimate an experiment or a protocol, print it and return the worst exit code."""
    settings = load_settings(flags)
    if options.experiment not in protocol_names():
        if options.market is not None or options.restrict:
            raise ConfigError("--market and --restrict are for protocols; an experiment file names its market itself")
        return run_file(load_experiment(options.experiment), settings, options)
    spec = load_protocol(options.experiment)
    if spec.measure is ProtocolMeasure.SIGNALS:
        return _signals(spec, options)
    market = options.market or settings.market
    where = market if market in NAMED_MARKETS else str(Path(market).absolute())
    files = protocol_experiments(options.experiment, where, restrict=options.restrict)
    return _run_all(files, settings, options)


def _run_all(files: Sequence[ExperimentFile], settings: Settings, options: EvalRunOptions) -> ExitCode:
    """Run the experiments of a protocol in order, until the user interrupts; JSON of several is one array."""
    worst, documents = ExitCode.DONE, list[object]()
    for file in files:
        code = run_file(file, settings, options, write_json if len(files) == 1 else documents.append)
        worst = max(worst, code)
        if code is ExitCode.INTERRUPTED:
            break
    if documents:
        write_json(documents)
    return worst


def run_file(
    file: ExperimentFile, settings: Settings, options: EvalRunOptions, write: Callable[[object], None] = write_json
) -> ExitCode:
    """Run, continue or estimate one experiment and print it; `write` receives the JSON document."""
    workers = options.workers or os.cpu_count() or 1
    with ExperimentProgressDisplay(Console(stderr=True)) as display:
        service = ExperimentService(settings, display, output=options.output, keep_decisions=options.keep)
        if options.dry_run:
            return _estimate(service.plan(file), workers, write if options.as_json else None)
        try:
            result = service.run(file, RunnerKind(options.runner), workers)
        except ExperimentInterrupted as stopped:
            return _interrupted(stopped.run_id, options)
    print_notice(f"the run is stored in {result.run.folder}")
    return present(result, as_json=options.as_json, write=write)


def _signals(spec: ProtocolSpec, options: EvalRunOptions) -> ExitCode:
    """Measure the planted signals of the demo market, as `eval signals` does."""
    if options.market not in {None, DEMO} or options.dry_run:
        raise ConfigError(f"protocol {spec.name} is for the demo market and has no dry run; leave out the options")
    window, account = spec.windows[0], spec.account
    asked = DemoOptions(
        first=str(window.first),
        last=str(window.last),
        seeds=",".join(map(str, spec.seeds)),
        tickers=None,
        workers=options.workers or 1,
        draws=DRAWS,
        bootstrap_seed=0,
        as_json=options.as_json,
    )
    costs = (account.commission_bps, account.slippage_bps, account.borrow_bps)
    return signals_command(asked, next(iter(spec.arms.values())).desk, str(window.every), costs)


def present(result: ExperimentResult, *, as_json: bool, write: Callable[[object], None] = write_json) -> ExitCode:
    """Print a result and return the exit code: NO_DATA if every account is left out."""
    if as_json:
        write(metrics_document(result))
    else:
        print_experiment(view_of(result, check_run(result)))
        if rows := convention_rows(convention_figures(result)):
            print_table(("convention", "arm", "figure", "value"), rows, title="Figures as published")
    return ExitCode.NO_DATA if result.state is RunState.NOTHING_TO_COMPARE else ExitCode.DONE


def _estimate(plan: ExperimentPlan, workers: int, write: Callable[[object], None] | None) -> ExitCode:
    finished = frozenset[str]()
    if (plan.folder / FILE_NAME).is_file():
        with closing(UnitStore(plan.folder)) as store:
            finished = store.finished()
    estimate = estimate_experiment(plan, finished, workers)
    if write is not None:
        write(asdict(estimate))
    else:
        print_experiment_estimate(estimate)
    return ExitCode.DONE


def _interrupted(run_id: str, options: EvalRunOptions) -> ExitCode:
    output = "" if options.output is None else f" --output {options.output}"
    sys.stderr.write(f"\ninterrupted: openoutcry eval run {options.experiment}{output} continues {run_id}\n")
    return ExitCode.INTERRUPTED
