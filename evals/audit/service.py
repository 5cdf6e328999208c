"""The audit of an experiment: every check that needs its market and desks, beside those of what a run stores."""

from collections.abc import Callable
from pathlib import Path

from ...app.settings import Settings
from ...domain.errors import ConfigError, LookAheadError
from ...llm.budget import Budget, BudgetCaps
from ...reports.experiment_view import CheckView
from ..checks import CheckVerdict, verdict_view
from ..experiment_file import ExperimentFile
from ..plan import ExperimentPlan, plan_experiment
from ..run_folder import EXPERIMENT, StoredExperiment
from .evidence_checks import ANONYMITY, COUNTERFACTUAL, anonymous_prompts, counterfactual
from .fills import FILLS, fills_after_decisions
from .leaks import PROMPTS, TIME_TRAVEL, prompts_without_future, time_travel
from .model_checks import MODEL_COUNTERFACTUAL, MODEL_PLACEBO, with_models
from .sensitivity import COSTS, PLACEBO, costs_and_fills, placebo_news
from .subject import MOST_MOMENTS, Adapter, AuditSubject, no_adapter
from .universe_check import UNIVERSE, universe_at_start
from .with_model import MASKED, masked_against_unmasked

AuditCheck = Callable[[AuditSubject], CheckView]
AUDIT: tuple[tuple[str, AuditCheck], ...] = (
    (TIME_TRAVEL, time_travel),
    (PROMPTS, prompts_without_future),
    (FILLS, fills_after_decisions),
    (UNIVERSE, universe_at_start),
    (COUNTERFACTUAL, counterfactual),
    (ANONYMITY, anonymous_prompts),
    (PLACEBO, placebo_news),
    (COSTS, costs_and_fills),
)
"""Checks by name, in the order in which they are shown."""


def audit_plan(
    plan: ExperimentPlan, *, adapter: Adapter = no_adapter, moments: int = MOST_MOMENTS, with_model: bool = False
) -> tuple[CheckView, ...]:
    """Return the verdict of every check of an experiment; models are called only `with_model`, within its budget.

    `adapter` wraps the market's data for the desks. Look-ahead that a check meets is its failure.
    """
    subject = AuditSubject(plan, adapter, moments)
    found = tuple(_checked(name, check, subject) for name, check in AUDIT)
    if with_model:
        return (*found, *(_checked(name, check, subject) for name, check in _with_models(plan)))
    if any(arm.has_model for arm in plan.arms):
        detail = "Not examined: it calls the models; add --with-model, and --dry-run for what it costs."
        return (*found, *(verdict_view(name, CheckVerdict.WARNING, detail) for name, _ in _with_models(plan)))
    return found


def _with_models(plan: ExperimentPlan) -> tuple[tuple[str, AuditCheck], ...]:
    """Return the checks that call models, inside one budget: that of the experiment."""
    asked = plan.file.experiment.budget
    budget = Budget("audit", BudgetCaps(asked.max_calls, asked.max_tokens, asked.max_cost_usd))
    return (
        (MASKED, lambda subject: masked_against_unmasked(subject, budget)),
        (MODEL_COUNTERFACTUAL, lambda subject: with_models(MODEL_COUNTERFACTUAL, subject, budget)),
        (MODEL_PLACEBO, lambda subject: with_models(MODEL_PLACEBO, subject, budget)),
    )


def _checked(name: str, check: AuditCheck, subject: AuditSubject) -> CheckView:
    try:
        return check(subject)
    except LookAheadError as error:
        return verdict_view(name, CheckVerdict.FAILED, f"The source served a later fact: {error}.")


def stored_file(run: StoredExperiment) -> ExperimentFile:
    """Return the experiment file of a stored run, whose paths are relative to where it was read from."""
    origin = Path(run.facts.path) if run.facts.path else run.folder / EXPERIMENT
    return ExperimentFile(origin, (run.folder / EXPERIMENT).read_text(encoding="utf-8"), run.experiment)


def audit_stored(
    run: StoredExperiment, settings: Settings, runs: Path, *, with_model: bool = False
) -> tuple[CheckView, ...]:
    """Return the verdicts on the experiment of a stored run; a warning if its files can no longer be read.

    The desks, prompts and data must be those of the run, which its id shows.
    """
    try:
        plan = plan_experiment(stored_file(run), settings, runs)
    except ConfigError as error:
        return (verdict_view("experiment", CheckVerdict.WARNING, f"It cannot be examined again: {error}"),)
    if plan.run_id != run.facts.run_id:
        detail = "Desks, prompts, data or program have changed since the run; what is examined is their present state."
        return (verdict_view("experiment", CheckVerdict.WARNING, detail), *audit_plan(plan, with_model=with_model))
    return audit_plan(plan, with_model=with_model)
