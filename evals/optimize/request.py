"""What an optimization is asked for, checked: the arm, the prompt, the tuning window and its two parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from ... import __version__
from ...app.settings import Settings
from ...desk.records.provenance import digest
from ...domain.errors import ConfigError
from ...llm.budget import NO_CAPS, BudgetCaps
from ...prompts.library import SHARED_RULES, Prompt, PromptLibrary, load_prompts
from ..arms import ExperimentArm, resolve_arms
from ..experiment import Period
from ..experiment_file import ExperimentFile
from ..plan import JUDGED, plan_experiment
from ..trial_log import TrialWindow
from ..trials import market_name
from .derived import tuning_file

LEAST_PROPOSALS = 3
SHADOW_SHARE = 1 / 3
"""Share of the tuning sessions, at their end, that a better text is tried on before it is adopted."""
LEAST_SESSIONS = 5
"""Sessions of each part: Adaptive-OPRO scores a text over 5 sessions."""
DEFAULT_PROMPTS = ("trader", "single_agent")
"""The prompts that are optimized if none is named: those that write orders."""


class OptimizeMethod(StrEnum):
    """How texts are proposed."""

    OPRO = "opro"
    REFLECTION = "reflection"
    GEPA = "gepa"


@dataclass(frozen=True, slots=True)
class OptimizeOptions:
    """The arguments of an optimization.

    Attributes:
        arm: the arm whose prompt is optimized; None for the first that a model answers.
        prompt: the id of the prompt; None for the one that writes orders.
        proposals: how many texts are proposed, LEAST_PROPOSALS or more.
        caps: caps of all model calls: of traders, of the optimizer and of the judgement.
        workers: the number of processes.
    """

    method: OptimizeMethod
    arm: str | None = None
    prompt: str | None = None
    proposals: int = 5
    caps: BudgetCaps = NO_CAPS
    workers: int = 1


@dataclass(frozen=True, slots=True)
class OptimizeRequest:
    """A checked optimization.

    Attributes:
        id: derived from everything that the proposals depend on, except their number.
        arm: the arm as it is written.
        prompt, library: the prompt that is optimized, and all prompts of the arm.
        scoring, shadow: the first and the last part of the tuning window, as periods of sessions.
        sessions: the sessions of the scoring part.
    """

    id: str
    file: ExperimentFile
    options: OptimizeOptions
    arm: ExperimentArm
    prompt: Prompt
    library: PromptLibrary
    scoring: Period
    shadow: Period
    sessions: tuple[date, ...]

    @property
    def block(self) -> str:
        """Return the static block before the optimization."""
        return self.prompt.instructions

    @property
    def base(self) -> Path | None:
        """Return the folder of prompts of the arm."""
        return self.arm.settings.prompts

    @property
    def trial_window(self) -> TrialWindow:
        """Return the window under which proposals enter the trial log."""
        return TrialWindow(market_name(self.file.experiment), self.scoring.first, self.shadow.last)


def check_optimization(file: ExperimentFile, options: OptimizeOptions, base: Settings, folder: Path) -> OptimizeRequest:
    """Return the checked request; `folder` is where optimizations are stored.

    Raises ConfigError for a file without a tuning window before its window, an arm that no model answers, a prompt that
    the arm does not use, too few proposals or sessions; and what `plan_experiment` raises.
    """
    if options.proposals < LEAST_PROPOSALS:
        raise ConfigError(f"--proposals {options.proposals}: at least {LEAST_PROPOSALS} are needed")
    tuning = _tuning(file)
    arm = _arm(file, resolve_arms(file, base), options.arm)
    library = load_prompts(arm.settings.prompts)
    prompt = _prompt(arm, library, options.prompt)
    plan_experiment(file, base, folder)  # the window of the judgement is checked before anything is spent
    plan = plan_experiment(tuning_file(file, arm, tuning, arm.settings.prompts), base, folder)
    scoring, shadow = _parts(file, plan.sessions)
    asked = file.experiment.model_dump(mode="json", exclude=JUDGED)
    content = [__version__, options.method, asked, arm.content.hash, prompt.id, plan.fingerprints]
    return OptimizeRequest(
        id=f"{options.method}-{file.experiment.name}-{digest(content)[:8]}",
        file=file,
        options=options,
        arm=arm,
        prompt=prompt,
        library=library,
        scoring=scoring,
        shadow=shadow,
        sessions=tuple(day for day in plan.sessions if day <= scoring.last),
    )


def _tuning(file: ExperimentFile) -> Period:
    tuning, window = file.experiment.tuning, file.experiment.window
    if tuning is None:
        raise ConfigError(
            f"experiment file {file.path}: tuning is missing; add tuning: {{from: DATE, to: DATE}} with days before "
            f"the window, which begins on {window.first} and is used once, for the judgement"
        )
    if tuning.last >= window.first:
        raise ConfigError(
            f"experiment file {file.path}: the tuning window ends on {tuning.last}, after the window begins on "
            f"{window.first}; choose a window after it"
        )
    return tuning


def _arm(file: ExperimentFile, arms: Sequence[ExperimentArm], name: str | None) -> ExperimentArm:
    own = [arm for arm in arms if arm.name in file.experiment.arms]
    if name is not None and name not in file.experiment.arms:
        raise ConfigError(f"--arm {name}: the experiment has the arms {', '.join(file.experiment.arms)}")
    chosen = [arm for arm in own if arm.name == name] if name is not None else [arm for arm in own if arm.has_model]
    if not chosen or not chosen[0].has_model:
        which = f"arm {name} is" if name is not None else "every arm is"
        raise ConfigError(
            f"experiment file {file.path}: {which} answered by rules, which read no prompt; set its model"
        )
    return chosen[0]


def _prompt(arm: ExperimentArm, library: PromptLibrary, name: str | None) -> Prompt:
    used = {prompt.id for prompt in arm.prompts.values()}
    if name is None:
        found = next((each for each in DEFAULT_PROMPTS if each in used), None)
        if found is None:
            raise ConfigError(f"arm {arm.name} uses the prompts {', '.join(sorted(used))}; choose one with --prompt")
        return library.get(found)
    prompt = library.get(name)
    if prompt.id == SHARED_RULES or prompt.id not in used:
        raise ConfigError(f"--prompt {name}: arm {arm.name} uses the prompts {', '.join(sorted(used))}; choose one")
    return prompt


def _parts(file: ExperimentFile, sessions: Sequence[date]) -> tuple[Period, Period]:
    last = round(len(sessions) * (1 - SHADOW_SHARE))
    if min(last, len(sessions) - last) < LEAST_SESSIONS:
        raise ConfigError(
            f"experiment file {file.path}: the tuning window has {len(sessions)} sessions, of which the last third is "
            f"kept for shadow evaluation; each part needs {LEAST_SESSIONS} sessions or more"
        )
    first, second = sessions[:last], sessions[last:]
    return Period(first=first[0], last=first[-1]), Period(first=second[0], last=second[-1])
