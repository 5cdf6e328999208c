"""The ablation of a desk: a generated experiment with one arm for each part that is left out or changed."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ..app.dry_run import dry_run
from ..app.settings import Settings
from ..domain.errors import ConfigError, NoData
from ..graph.desk_config import BUILT_IN, desk_from, load_desk
from ..graph.desk_sections import LAST_DECISIONS
from ..tools.registry import SIGNALS
from .experiment_file import ExperimentFile, load_experiment, parse_experiment

FULL, ONE_AGENT, SAME_TOKENS = "full", "one_agent", "same_tokens"
ROUNDS, VOTES, MOST_VOTES = range(4), 5, 15
EXPERIMENT = "experiment.yaml"
KEPT = ("market", "universe", "window", "seeds", "account", "baselines", "budget", "tuning")


@dataclass(frozen=True, slots=True)
class DeskVariant:
    """A desk with one part left out or changed: `desk` as it is written in a file, and the memory preset."""

    name: str
    desk: Mapping[str, Any]
    memory: str


@dataclass(frozen=True, slots=True)
class Ablation:
    """The generated experiment.

    Attributes:
        left_out: a sentence for each part that the desk cannot be without.
    """

    file: ExperimentFile
    left_out: tuple[str, ...]


def write_ablation(desk: str, base: str, folder: Path, settings: Settings) -> Ablation:
    """Write the ablation of a desk into `folder`: the desks, and an experiment with the conditions of `base`.

    Every arm is compared with the whole desk. `base` is a built-in experiment or a file. Raises ConfigError for a desk
    or an experiment that is not there, and if the folder cannot be written.
    """
    source, conditions = written_desk(desk), load_experiment(base)
    agent = _tokens_ratio(desk, conditions, folder, settings)
    variants, left_out = _valid(desk_variants(source, agent), desk)
    try:
        (folder / "desks").mkdir(parents=True, exist_ok=True)
        for each in variants:
            (folder / "desks" / f"{each.name}.yaml").write_text(_text(each.desk), encoding="utf-8")
        text = _text(_experiment(desk, variants, conditions))
        (folder / EXPERIMENT).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from error
    path = folder / EXPERIMENT
    return Ablation(ExperimentFile(path, text, parse_experiment(text, str(path))), left_out)


def written_desk(desk: str) -> dict[str, Any]:
    """Return a desk as its file has it; raises ConfigError for one that is not there or is invalid."""
    load_desk(desk)
    path = Path(desk) if Path(desk).suffix in {".yaml", ".yml"} else BUILT_IN / f"{desk}.yaml"
    if not path.is_file():
        raise ConfigError(f"the desk {desk!r} has an outdated name; give its present one")
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def desk_variants(desk: Mapping[str, Any], votes: int) -> Iterator[DeskVariant]:
    """Yield the whole desk, and one variant for each part that can be left out or changed; not all need be valid.

    `votes` is the number of answers of a single agent that takes as many tokens as the whole desk.
    """
    preset = str((desk.get("memory") or {}).get("preset", "none"))
    memory = "none" if preset == LAST_DECISIONS else preset
    yield DeskVariant(FULL, desk, memory)
    if preset == LAST_DECISIONS:
        yield DeskVariant("memory_off", _changed(desk, memory={"preset": "none"}), memory)
    elif memory != "none":
        yield DeskVariant("memory_off", desk, "none")
    analysts = [role for role in desk["roles"] if role["role"] == "analyst"]
    for role in analysts:
        yield DeskVariant(f"without_{role['name']}", _without(desk, role), memory)
    if desk["deliberation"]["kind"] == "debate":
        yield DeskVariant("debate_off", _changed(desk, deliberation={"kind": "panel", "decider": "trader"}), memory)
        for rounds in ROUNDS:
            deliberation = {**desk["deliberation"], "rounds": rounds}
            yield DeskVariant(f"rounds_{rounds}", _changed(desk, deliberation=deliberation), memory)
    if (desk.get("risk") or {}).get("committee"):
        risk = {key: value for key, value in desk["risk"].items() if key not in {"committee", "chair"}}
        yield DeskVariant("committee_off", _changed(desk, risk=risk), memory)
    if analysts:
        for name, samples in ((ONE_AGENT, 1), (SAME_TOKENS, votes), (f"vote_{VOTES}", VOTES)):
            yield DeskVariant(name, _one_agent(analysts, samples), memory)


def _changed(desk: Mapping[str, Any], **parts: object) -> dict[str, Any]:
    """Return a desk with other parts, without calls of roles that it no longer has."""
    return {**deepcopy(dict(desk)), **parts}


def _without(desk: Mapping[str, Any], role: Mapping[str, Any]) -> dict[str, Any]:
    """Return a desk without a role, and without its signals if no other role reads them."""
    roles = [each for each in desk["roles"] if each is not role]
    changed = _changed(desk, roles=roles)
    if not any(SIGNALS in each.get("tools", ()) for each in roles):
        changed.pop("signals", None)
    return changed


def _one_agent(analysts: list[dict[str, Any]], samples: int) -> dict[str, Any]:
    """Return the desk of one agent with the tools of all analysts, and the majority of several answers."""
    tools = list(dict.fromkeys(tool for role in analysts for tool in role["tools"]))
    agent = {"role": "single_agent", "name": "single_agent", "tools": tools, "model": "deep"}
    calls = {"calls": {"single_agent": {"samples": samples, "choose": "vote"}}} if samples > 1 else {}
    return {"name": ONE_AGENT, "roles": [agent], "deliberation": {"kind": "single_agent"}, **calls}


def _valid(variants: Iterator[DeskVariant], desk: str) -> tuple[tuple[DeskVariant, ...], tuple[str, ...]]:
    """Return the variants that are valid and differ, and a sentence for each of the others."""
    found, seen, left_out = list[DeskVariant](), set[str](), list[str]()
    for each in variants:
        try:
            config = desk_from(each.desk)
        except ValidationError as error:
            left_out.append(f"{each.name} is left out: the desk {desk} cannot be without it: {_first_reason(error)}")
            continue
        content = config.model_dump_json(exclude={"name": True, "memory": {"preset"}, "learning": True}) + each.memory
        if content not in seen:
            seen.add(content)
            found.append(each)
    return tuple(found), tuple(left_out)


def _first_reason(error: ValidationError) -> str:
    """Return the first reason, and the key of the desk file that it is about."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    reason = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason


def _tokens_ratio(desk: str, base: ExperimentFile, folder: Path, settings: Settings) -> int:
    """Return how many answers of a single agent take the tokens of the desk, from the prompts of one decision."""
    analysts = [role for role in written_desk(desk)["roles"] if role["role"] == "analyst"]
    if not analysts:
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{ONE_AGENT}-prompts.yaml"
    path.write_text(_text(_one_agent(analysts, 1)), encoding="utf-8")
    try:
        whole, single = (_tokens(name, base, settings) for name in (desk, str(path)))
    finally:
        path.unlink()
    return max(1, min(MOST_VOTES, round(whole / single))) if single else 1


def _tokens(desk: str, base: ExperimentFile, settings: Settings) -> int:
    experiment = base.experiment
    market = experiment.market if experiment.market == "demo" else str(base.located(experiment.market))
    asked = settings.model_copy(update={"desk": desk, "market": market, "remember": False})
    if not isinstance(experiment.universe, tuple):
        raise ConfigError(f"experiment file {base.path}: the conditions of an ablation need a list of symbols")
    try:
        return sum(sent.tokens for sent in dry_run(experiment.universe[0], str(experiment.window.last), asked))
    except NoData:
        return 0


def _experiment(desk: str, variants: tuple[DeskVariant, ...], base: ExperimentFile) -> dict[str, Any]:
    whole = base.experiment.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kept = {key: whole[key] for key in KEPT if key in whole}
    if base.experiment.market != "demo":
        kept["market"] = str(base.located(base.experiment.market))
    arms = {
        each.name: {"desk": f"desks/{each.name}.yaml"} | ({} if each.memory == "none" else {"memory": each.memory})
        for each in variants
    }
    return {
        "name": f"ablate-{Path(desk).stem}",
        "description": f"The desk {Path(desk).stem} with each of its parts left out or changed.",
        **kept,
        "arms": arms,
        "compare": {"against": FULL, "varies": ["desk", "memory", "prompts"]},
    }


def _text(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
