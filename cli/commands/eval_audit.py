"""`openoutcry eval audit`: every check of the honesty of a run, or of an experiment before it is run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from ...app.settings import NAMED_MARKETS, Settings, load_settings
from ...domain.errors import ConfigError
from ...evals.audit.audit_estimate import estimate_audit
from ...evals.audit.service import audit_plan, audit_stored, stored_file
from ...evals.checks import CheckVerdict, check_run
from ...evals.experiment_file import SUFFIXES, ExperimentFile, built_in_experiments, load_experiment
from ...evals.plan import ExperimentPlan, plan_experiment
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
    dry_run: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Audit:
    name: str
    checks: Sequence[CheckView]


def audit_command(options: AuditOptions, flags: Mapping[str, object]) -> ExitCode:
    """Print the verdict of every check, or what those that call models cost; BUG if one failed."""
    settings, text = load_settings(flags), options.subject
    runs = runs_folder(settings, options.output)
    if options.dry_run:
        _print_costs([_plan_of(each, settings, runs) for each in _subjects(text, options, settings, runs)], options)
        return ExitCode.DONE
    found = [_audited(each, options, settings, runs) for each in _subjects(text, options, settings, runs)]
    _print(found, as_json=options.as_json)
    failed = any(check.verdict == CheckVerdict.FAILED for each in found for check in each.checks)
    return ExitCode.BUG if failed else ExitCode.DONE


def _subjects(
    text: str, options: AuditOptions, settings: Settings, runs: Path
) -> Sequence[StoredExperiment | ExperimentFile]:
    """Return the stored run, or the experiment; of a protocol with several windows one for each."""
    run = None if Path(text).suffix in SUFFIXES else _stored(runs, text)
    if run is not None:
        return (run,)
    if text not in protocol_names():
        return (load_experiment(text),)
    market = options.market or settings.market
    where = market if market in NAMED_MARKETS else str(Path(market).absolute())
    return protocol_experiments(text, where, restrict=options.restrict)


def _audited(
    subject: StoredExperiment | ExperimentFile, options: AuditOptions, settings: Settings, runs: Path
) -> _Audit:
    if isinstance(subject, ExperimentFile):
        plan = plan_experiment(subject, settings, runs)
        return _Audit(plan.run_id, audit_plan(plan, with_model=options.with_model))
    stored = audit_stored(subject, settings, runs, with_model=options.with_model)
    return _Audit(subject.facts.run_id, (*check_run(evaluate(subject, settings)), *stored))


def _plan_of(subject: StoredExperiment | ExperimentFile, settings: Settings, runs: Path) -> ExperimentPlan:
    file = subject if isinstance(subject, ExperimentFile) else stored_file(subject)
    return plan_experiment(file, settings, runs)


def _stored(runs: Path, text: str) -> StoredExperiment | None:
    """Return the run of an id; None for the name of an experiment that has no run."""
    try:
        return find_run(runs, text)
    except ConfigError:
        if text in {*built_in_experiments(), *protocol_names()}:
            return None
        raise


def _print(found: Sequence[_Audit], *, as_json: bool) -> None:
    documents = [{"run_id": each.name, "checks": [asdict(check) for check in each.checks]} for each in found]
    if as_json:
        write_json(documents[0] if len(documents) == 1 else documents)
        return
    for each in found:
        rows = [(check.name, check.verdict, check.detail) for check in each.checks]
        print_table(("check", "verdict", "detail"), rows, title=f"Audit of {each.name}")


def _print_costs(plans: Sequence[ExperimentPlan], options: AuditOptions) -> None:
    found = [(plan.run_id, each) for plan in plans for each in estimate_audit(plan)]
    if options.as_json:
        write_json([{"run_id": name} | asdict(each) for name, each in found])
        return
    rows = [
        (name, each.check, each.arm, each.decisions, f"{each.calls:,}", f"{each.tokens:,}", _usd(each.cost_usd))
        for name, each in found
    ]
    headings = ("experiment", "check", "arm", "decisions", "calls", "tokens", "USD")
    print_table(headings, rows, title="Expected cost of the checks that call models")


def _usd(cost: Decimal | None) -> str:
    return "n/a" if cost is None else f"{cost:.4f}"
