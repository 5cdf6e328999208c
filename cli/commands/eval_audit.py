"""`openoutcry eval audit`: every check of the honesty of a run, or of an experiment before it is run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...app.settings import NAMED_MARKETS, load_settings
from ...domain.errors import ConfigError
from ...evals.audit.service import audit_plan, audit_stored
from ...evals.checks import check_run
from ...evals.experiment_file import SUFFIXES, ExperimentFile, built_in_experiments, load_experiment
from ...evals.plan import plan_experiment
from ...evals.protocol import protocol_experiments, protocol_names
from ...evals.result import evaluate
from ...evals.run_folder import StoredExperiment, find_run, runs_folder
from ...reports.experiment_view import CheckView
from ..console.exit_codes import ExitCode
from ..console.tables import print_table, write_json


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The arguments of `eval audit` as given."""

    subject: str
    output: Path | None
    market: str | None
    restrict: bool
    with_model: bool
    as_json: bool


def audit_command(options: AuditOptions, flags: Mapping[str, object]) -> ExitCode:
    """Print the verdict of every check; BUG if one failed."""
    settings, text = load_settings(flags), options.subject
    runs = runs_folder(settings, options.output)
    run = None if Path(text).suffix in SUFFIXES else _stored(runs, text)
    if run is not None:
        checks = (
            *check_run(evaluate(run, settings)),
            *audit_stored(run, settings, runs, with_model=options.with_model),
        )
        name = run.facts.run_id
    else:
        file = _file(text, options.market or settings.market, restrict=options.restrict)
        plan = plan_experiment(file, settings, runs)
        checks, name = audit_plan(plan, with_model=options.with_model), plan.run_id
    _print(name, checks, as_json=options.as_json)
    return ExitCode.BUG if any(check.verdict == "failed" for check in checks) else ExitCode.DONE


def _stored(runs: Path, text: str) -> StoredExperiment | None:
    """Return the run of an id; None for the name of an experiment that has no run."""
    try:
        return find_run(runs, text)
    except ConfigError:
        if text in {*built_in_experiments(), *protocol_names()}:
            return None
        raise


def _file(text: str, market: str, *, restrict: bool) -> ExperimentFile:
    """Return the experiment; of a protocol with several windows the last one."""
    if text not in protocol_names():
        return load_experiment(text)
    where = market if market in NAMED_MARKETS else str(Path(market).absolute())
    return protocol_experiments(text, where, restrict=restrict)[-1]


def _print(name: str, checks: Sequence[CheckView], *, as_json: bool) -> None:
    if as_json:
        write_json({"run_id": name, "checks": [asdict(check) for check in checks]})
        return
    rows = [(check.name, check.verdict, check.detail) for check in checks]
    print_table(("check", "verdict", "detail"), rows, title=f"Audit of {name}")
