"""The arms of an experiment as settings, with a hash of everything in which two arms can differ."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from difflib import unified_diff
from itertools import combinations
from typing import Any

from ..app.desk_learning import learns_beside_memory
from ..app.factories import choose_model, endpoint_name, with_chosen_model
from ..app.settings import Settings
from ..desk.records.provenance import digest
from ..desk.rule_desk import order_policy
from ..domain.errors import ConfigError
from ..graph.desk_config import DeskConfig, load_desk
from ..graph.team_builder import build_team
from ..memory.presets.catalog import find_preset
from ..prompts.library import Prompt, load_prompts
from ..risk.limit_settings import Limits, validate
from ..risk.portfolio_limits import SHARES, PortfolioLimits, validate_portfolio
from .experiment import DESK_BASELINES, ArmSpec
from .experiment_file import ExperimentFile


@dataclass(frozen=True, slots=True)
class ArmContent:
    """Everything in which two arms can differ, by the key that the difference is written under.

    Attributes:
        desk: the desk file without its name and the preset of its memory.
        prompts: content hash of every prompt in use, by role.
        model: models and endpoint.
        memory: the memory preset.
        limits: the risk limits of orders, and the limits over the whole account that are not the default ones.
    """

    desk: Mapping[str, object]
    prompts: Mapping[str, str]
    model: Mapping[str, str]
    memory: str
    limits: Mapping[str, object]

    @property
    def hash(self) -> str:
        """Return a hash over all parts."""
        return digest(asdict(self))


@dataclass(frozen=True, slots=True)
class ExperimentArm:
    """One arm: its settings, its content, and the prompts that its team uses, by role."""

    name: str
    spec: ArmSpec
    settings: Settings
    content: ArmContent
    prompts: Mapping[str, Prompt]

    @property
    def has_model(self) -> bool:
        """Return whether a model answers, not rules."""
        return choose_model(self.settings).quick is not None

    @property
    def desk(self) -> DeskConfig:
        """Return the desk."""
        return load_desk(self.settings.desk)


def resolve_arms(file: ExperimentFile, base: Settings) -> tuple[ExperimentArm, ...]:
    """Return the arms and the baselines that are desks; `base` has the settings that the arms do not override.

    Raises ConfigError, naming file and arm, for a desk, prompt, model, memory or limit that is not there, for two arms
    with the same content, and for arms that differ in parts that they do not name.
    """
    experiment = file.experiment
    arms = tuple(_resolved(name, spec, file, base) for name, spec in experiment.arms.items())
    _check_identical(arms, file)
    for one, other in combinations(arms, 2):
        _check_differences(one, other, file)
    desks = [(name, DESK_BASELINES[name]) for name in experiment.baselines if name in DESK_BASELINES]
    return (*arms, *(_resolved(name, spec, file, arms[0].settings) for name, spec in desks))


def differences(one: ArmContent, other: ArmContent) -> tuple[str, ...]:
    """Return the names of the parts in which two arms differ; prompts are compared for the roles of both."""
    unequal = {field.name for field in fields(ArmContent) if getattr(one, field.name) != getattr(other, field.name)} - {
        "prompts"
    }
    common = set(one.prompts) & set(other.prompts)
    if any(one.prompts[role] != other.prompts[role] for role in common):
        unequal.add("prompts")
    return tuple(sorted(unequal))


def prompt_difference(one: ExperimentArm, other: ExperimentArm) -> tuple[tuple[str, str], ...]:
    """Return a unified diff for each role of both arms whose prompts differ, as (role, diff)."""
    found = list[tuple[str, str]]()
    for role in sorted(set(one.prompts) & set(other.prompts)):
        before, after = one.prompts[role], other.prompts[role]
        if before.hash != after.hash:
            lines = unified_diff(_lines(before), _lines(after), one.name, other.name, lineterm="")
            found.append((role, "\n".join(lines)))
    return tuple(found)


def _lines(prompt: Prompt) -> Sequence[str]:
    return f"{prompt.system}\n\n{prompt.user}".splitlines()


def _resolved(name: str, spec: ArmSpec, file: ExperimentFile, base: Settings) -> ExperimentArm:
    try:
        settings = _settings(spec, file, base)
        if spec.memory != "none":
            find_preset(spec.memory)
        desk, library = load_desk(settings.desk), load_prompts(settings.prompts)
        team = build_team(desk, library, None, order_policy(settings.limits), seed=0)
        choice = choose_model(settings)
        place = endpoint_name(settings, choice)
    except ConfigError as error:
        raise ConfigError(f"experiment file {file.path}: arms.{name}: {error}") from error
    prompts = {role.name: role.prompt for role in team.roles}
    return ExperimentArm(
        name=name,
        spec=spec,
        settings=settings,
        content=ArmContent(
            desk=_plain_desk(desk),
            prompts={role: prompt.hash for role, prompt in prompts.items()},
            model={"quick": choice.quick or "rules", "deep": choice.deep or "rules", "endpoint": place},
            memory=spec.memory,
            limits=_plain(asdict(settings.limits)) | _changed_portfolio(settings.portfolio),
        ),
        prompts=prompts,
    )


def _plain_desk(desk: DeskConfig) -> dict[str, object]:
    """Return the desk without its name and the preset of its memory, and without a memory section of defaults."""
    memory = desk.memory.model_dump(mode="json", exclude_defaults=True, exclude={"preset"})
    return desk.model_dump(mode="json", exclude={"name", "memory"}) | ({"memory": memory} if memory else {})


def _settings(spec: ArmSpec, file: ExperimentFile, base: Settings) -> Settings:
    account, update = file.experiment.account, dict[str, object]()
    update["desk"] = str(file.located(spec.desk)) if spec.desk.endswith((".yaml", ".yml")) else spec.desk
    if spec.prompts is not None:
        update["prompts"] = file.located(spec.prompts)
    if spec.model is not None or spec.deep_model is not None:
        update |= {"model": spec.model or spec.deep_model, "deep_model": spec.deep_model or spec.model}
    update |= {"limits": _limits(spec, base.limits), "portfolio": _portfolio(spec, base.portfolio)}
    update |= {"cash": account.cash, "margin": account.margin}
    update |= {"market": _market(file), "remember": learns_beside_memory(load_desk(str(update["desk"])))}
    return with_chosen_model(base.model_copy(update=update))


def _market(file: ExperimentFile) -> str:
    market = file.experiment.market
    return market if market == "demo" else str(file.located(market))


def _limits(spec: ArmSpec, base: Limits) -> Limits:
    known = {field.name for field in fields(Limits)} - {"restricted"}
    if unknown := sorted(set(spec.limits) - known):
        raise ConfigError(f"limits: there is no limit {unknown[0]!r}; use one of {', '.join(sorted(known))}")
    values = {name: getattr(base, name) for name in known} | dict(spec.limits)
    return validate(Limits(**values, restricted=base.restricted))


def _portfolio(spec: ArmSpec, base: PortfolioLimits) -> PortfolioLimits:
    if unknown := sorted(set(spec.portfolio) - set(SHARES)):
        raise ConfigError(f"portfolio: there is no limit {unknown[0]!r}; use one of {', '.join(SHARES)}")
    changed: dict[str, Any] = dict(spec.portfolio)
    return validate_portfolio(replace(base, **changed))


def _changed_portfolio(limits: PortfolioLimits) -> dict[str, object]:
    """Return the limits over the whole account that are not the default ones, under names of their own."""
    changed = {name: value for name, value in asdict(limits).items() if value != getattr(PortfolioLimits(), name)}
    return {f"portfolio.{name}": value for name, value in _plain(changed).items()}


def _plain(limits: Mapping[str, object]) -> dict[str, object]:
    """Return the limits as texts, in which equal numbers are equal."""
    return {name: _plain_value(value) for name, value in limits.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return sorted(value) if isinstance(value, frozenset) else value


def _check_identical(arms: Sequence[ExperimentArm], file: ExperimentFile) -> None:
    if file.experiment.allow_identical:
        return
    for one, other in combinations(arms, 2):
        if one.content.hash == other.content.hash:
            raise ConfigError(
                f"experiment file {file.path}: arms {one.name} and {other.name} have the same content; change one, or "
                "set allow_identical: true"
            )


def _check_differences(one: ExperimentArm, other: ExperimentArm, file: ExperimentFile) -> None:
    named = file.experiment.compare.varies
    allowed = set(_written(one.spec, other.spec) if named is None else named)
    if hidden := [part for part in differences(one.content, other.content) if part not in allowed]:
        what = "what they write" if named is None else "compare.varies"
        raise ConfigError(
            f"experiment file {file.path}: arms {one.name} and {other.name} differ in {', '.join(hidden)}, which is "
            f"not in {what}; make these parts equal, or name them"
        )


def _written(one: ArmSpec, other: ArmSpec) -> set[str]:
    """Return the parts that two arms write differently."""
    names = {"desk": "desk", "prompts": "prompts", "model": "model", "deep_model": "model"}
    names |= {"memory": "memory", "limits": "limits", "portfolio": "limits"}
    return {part for name, part in names.items() if getattr(one, name) != getattr(other, name)}
