"""Experiment files derived from the user's: one arm on a part of the tuning window, and the judgement."""

from decimal import Decimal
from pathlib import Path

import yaml

from ...app.sections import CapSettings
from ...llm.budget import Budget
from ..arms import ExperimentArm
from ..experiment import ArmSpec, CompareSpec, Experiment, ExperimentWindow, Period
from ..experiment_file import ExperimentFile, parse_experiment

ARM, BENCHMARK = "candidate", "buy_and_hold"
ORIGINAL, OPTIMIZED = "original", "optimized"
LONGEST_NAME = 48
LEAST_USD = Decimal("0.000001")


def tuning_file(file: ExperimentFile, arm: ExperimentArm, part: Period, prompts: Path | None) -> ExperimentFile:
    """Return an experiment of one arm with the prompts in a folder, beside buy-and-hold, on a part of the window."""
    every = file.experiment.window.every
    return _file(
        file,
        window=ExperimentWindow(first=part.first, last=part.last, every=every),
        arms={ARM: _spec(file, arm, prompts)},
        baselines=(BENCHMARK,),
        compare=CompareSpec(),
        tuning=None,
    )


def judgement_file(file: ExperimentFile, arm: ExperimentArm, winner: Path, budget: CapSettings) -> ExperimentFile:
    """Return the experiment that compares the original with the optimized prompt on the untouched window."""
    asked = file.experiment.compare
    return _file(
        file,
        name=f"{file.experiment.name[:LONGEST_NAME]}-judged",
        arms={ORIGINAL: _spec(file, arm, arm.settings.prompts), OPTIMIZED: _spec(file, arm, winner)},
        compare=CompareSpec(against=ORIGINAL, metric=asked.metric, confidence=asked.confidence, varies=("prompts",)),
        budget=budget,
        allow_identical=False,
    )


def remaining(budget: Budget) -> CapSettings:
    """Return the caps that are left of a budget, as the `budget` of an experiment file; at least one call."""
    caps, spent = budget.caps, budget.booked
    usd = None if caps.max_cost_usd is None else max(caps.max_cost_usd - spent.usd, LEAST_USD)
    return CapSettings(
        max_calls=None if caps.max_calls is None else max(caps.max_calls - spent.calls, 1),
        max_tokens=None if caps.max_tokens is None else max(caps.max_tokens - spent.tokens, 1),
        max_cost_usd=usd,
    )


def _spec(file: ExperimentFile, arm: ExperimentArm, prompts: Path | None) -> ArmSpec:
    desk = arm.spec.desk
    update: dict[str, object] = {"prompts": None if prompts is None else str(prompts)}
    if desk.endswith((".yaml", ".yml")):
        update["desk"] = str(file.located(desk))
    return arm.spec.model_copy(update=update)


def _file(file: ExperimentFile, **changes: object) -> ExperimentFile:
    """Return a changed copy of an experiment file, with absolute paths."""
    experiment = file.experiment
    market = experiment.market if experiment.market == "demo" else str(file.located(experiment.market))
    changed = experiment.model_copy(update={"market": market, **changes})
    text = yaml.safe_dump(_plain(changed), sort_keys=False, allow_unicode=True)
    return ExperimentFile(file.path, text, parse_experiment(text, str(file.path)))


def _plain(experiment: Experiment) -> object:
    return experiment.model_dump(mode="json", by_alias=True, exclude_none=True)
