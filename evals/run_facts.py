"""What a run of an experiment is about: its tracks, symbols, sessions, data and prompts, stored beside its results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

from pydantic import TypeAdapter

from .. import __version__
from ..app.backtest_service import known_windows
from ..reports.backtest_view import KnownWindow
from .arms import ExperimentArm, prompt_difference
from .plan import ExperimentPlan


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """One arm or baseline.

    Attributes:
        is_arm: whether it is an arm of the file, not a baseline.
        content: hash of everything in which two arms can differ.
        model: the models that answer, or `rules`; empty for a baseline without agents.
        prompts: content hash of every prompt, by role.
    """

    name: str
    is_arm: bool
    content: str
    desk: str
    model: str
    memory: str
    prompts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PromptChange:
    """A role whose prompt differs between two arms, with a unified diff."""

    first: str
    second: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The facts of one run.

    Attributes:
        fingerprint: of the market data of all seeds.
        symbols: the universe.
        sessions: the sessions of the window.
        known: the knowledge cut-off of each model; empty for rules.
        notes: sentences that are shown with every comparison.
        path: the experiment file that the run was started from; empty for runs of earlier versions.
    """

    run_id: str
    name: str
    version: str
    started_at: datetime
    synthetic: bool
    fingerprint: str
    symbols: tuple[str, ...]
    sessions: tuple[date, ...]
    tracks: tuple[TrackFacts, ...]
    prompt_changes: tuple[PromptChange, ...]
    known: tuple[KnownWindow, ...]
    notes: tuple[str, ...] = ()
    path: str = ""


RUN_FACTS: TypeAdapter[RunFacts] = TypeAdapter(RunFacts)


def facts_of(plan: ExperimentPlan, timestamp: datetime) -> RunFacts:
    """Return the facts of a plan that is started at `timestamp`."""
    arms = {arm.name for arm in plan.arms}
    known = {
        window.model: window
        for track in plan.tracks
        if track.arm is not None
        for window in known_windows(track.arm.settings, plan.sessions)
    }
    return RunFacts(
        run_id=plan.run_id,
        name=plan.file.experiment.name,
        version=__version__,
        started_at=timestamp,
        synthetic=plan.synthetic,
        fingerprint=plan.fingerprint,
        symbols=tuple(plan.symbols),
        sessions=plan.sessions,
        tracks=tuple(_track(each.name, each.arm, each.content, is_arm=each.name in arms) for each in plan.tracks),
        prompt_changes=tuple(
            PromptChange(one.name, other.name, role, text)
            for one, other in combinations(plan.arms, 2)
            for role, text in prompt_difference(one, other)
        ),
        known=tuple(known.values()),
        notes=plan.notes,
        path=str(plan.file.path.absolute()),
    )


def _track(name: str, arm: ExperimentArm | None, content: str, *, is_arm: bool) -> TrackFacts:
    if arm is None:
        return TrackFacts(name, is_arm, content, name, "", "none", {})
    model, desk = arm.content.model, arm.desk.name
    names = dict.fromkeys((model["quick"], model["deep"]))
    return TrackFacts(name, is_arm, content, desk, " and ".join(names), arm.content.memory, arm.content.prompts)
