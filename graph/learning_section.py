"""The section `learning:` of a desk file: how the desk learns from the outcomes of its decisions."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from .roles import Part

ABSENT_KINDS = frozenset({"library"})
"""Kinds of learning of published systems that are not available."""
Sessions = Annotated[int, Field(ge=1, le=252)]
Number = Annotated[int, Field(ge=0, le=20)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class LearningSection(Part):
    """What all kinds of learning share.

    Attributes:
        every: sessions between two steps of learning about one symbol.
        frozen_at_test: whether decisions only use what a warm-up has learned, and add nothing to it.
    """

    every: Sessions = 1
    frozen_at_test: bool = False


class NoLearning(LearningSection):
    """The desk has no learned weights; a desk with a memory writes lessons nevertheless."""

    kind: Literal["none"] = "none"


class AnalystWeightsLearning(LearningSection):
    """A weight of every analyst on every symbol, from the outcomes of theses."""

    kind: Literal["analyst_weights"] = "analyst_weights"


class LessonsLearning(LearningSection):
    """The newest lessons, shown without a search (TradingAgents, arXiv 2412.20138).

    Attributes:
        horizon: sessions after which a decision is settled; None for the horizon of its thesis.
        same: number of lessons on the same symbol, which are shown with the decision and its outcome.
        cross: number of lessons on other symbols, which are shown by their reflection alone.
        roles: the roles that are shown them; empty for the role that decides and the chair of the risk committee.
    """

    kind: Literal["lessons"] = "lessons"
    horizon: Sessions | None = 5
    same: Number = 5
    cross: Number = 3
    roles: tuple[str, ...] = ()


class MarketLearning(LearningSection):
    """The budgets of the forecasters of a prediction market (arXiv 1102.1465).

    Attributes:
        eta: learning rate.
        floor: smallest budget as a share of the mean budget.
    """

    kind: Literal["market"] = "market"
    eta: Share = 0.05
    floor: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.01


class ContestLearning(LearningSection):
    """The past rewards of the contestants of a contest, by their signals (ContestTrade, arXiv 2508.00554)."""

    kind: Literal["contest"] = "contest"


class LabelsLearning(LearningSection):
    """The last decisions are shown with a label of their reward (TradingGroup, arXiv 2508.17565)."""

    kind: Literal["labels"] = "labels"


class InstructionsLearning(LearningSection):
    """The instructions of one role are rewritten, with every valid text tried before it stays.

    Attributes:
        role: the role whose static block is rewritten; None for the role that decides.
        shadow: whether a new text first answers beside the one in force, for the same number of sessions.
    """

    every: Sessions = 5
    role: str | None = None
    shadow: bool = True


class OproLearning(InstructionsLearning):
    """An optimizer sees the scored history of texts and proposes another (Adaptive-OPRO, ATLAS, arXiv 2510.15949)."""

    kind: Literal["opro"] = "opro"


class ReflectionLearning(InstructionsLearning):
    """A reflection on the last sessions is added to the original text; the control of `opro`."""

    kind: Literal["reflection"] = "reflection"


class TrainedLearning(LearningSection):
    """Learning before the test only: a training strictly before it, after which nothing changes.

    Attributes:
        every: sessions between two decisions of the training.
    """

    frozen_at_test: Literal[True] = True


class EpisodesLearning(TrainedLearning):
    """Beliefs about each source, from better against worse training episodes (FinCon, arXiv 2407.06567).

    Attributes:
        episodes: how often the desk trades the training window.
        edit: whether the share of beliefs that may change is the overlap of the actions of both episodes, as the source
            calls it, or one less it.
    """

    kind: Literal["episodes"] = "episodes"
    episodes: Annotated[int, Field(ge=2, le=20)] = 4
    edit: Literal["overlap", "difference"] = "overlap"


class RetryLearning(TrainedLearning):
    """A wrong training decision is reflected on and tried again (STRUX, arXiv 2410.12583; SEP, arXiv 2402.03659).

    Attributes:
        trials: how often a wrong decision is tried again.
        horizon: sessions after which the label is known; None for the horizon of the desk's decisions.
        role: the role that reads the reflections; None for the role that decides.
        shown: number of lessons that later decisions are shown, those on the same symbol first.
    """

    kind: Literal["retry"] = "retry"
    trials: Annotated[int, Field(ge=1, le=5)] = 2
    horizon: Sessions | None = None
    role: str | None = None
    shown: Number = 3


def _available(section: object) -> object:
    kind = section.get("kind") if isinstance(section, Mapping) else None
    if kind in ABSENT_KINDS:
        raise ValueError(f"learning of kind {kind} is not available; use kind: none, or one of {', '.join(KINDS)}")
    return section


KINDS = ("analyst_weights", "lessons", "market", "contest", "labels", "opro", "reflection", "episodes", "retry")

LearningSpec = Annotated[
    Annotated[
        NoLearning
        | AnalystWeightsLearning
        | LessonsLearning
        | MarketLearning
        | ContestLearning
        | LabelsLearning
        | OproLearning
        | ReflectionLearning
        | EpisodesLearning
        | RetryLearning,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_available),
]
NOTHING_LEARNED = NoLearning()
