"""What makes one kind of memory differ from another, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..record import Layer, Source


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of a score counts; together one."""

    relevance: float
    recency: float
    strength: float
    outcome: float


@dataclass(frozen=True, slots=True)
class ExponentialParams:
    """Strength in closed form: v0 2^(-age/h) + sum of g_j 2^(-(t-t_j)/h_feedback), within [0, 1].

    Attributes:
        start: v0 of an unsurprising record that says something new, by source.
        half_life: h in days by source; None for what does not fade until it is replaced.
        feedback_half_life: h_feedback in days.
        novelty_share: how much of v0 a mere repetition lacks.
        surprise_bonus: what a move of three deviations on the day of publication adds to v0.
        repeat_gain: what each of the first `repeats` copies adds, as feedback does.
        promote, demote: at or above, below which a record moves a layer, after a stay of one half-life.
        floor: below this strength nothing is recalled.
    """

    start: Mapping[Source, float]
    half_life: Mapping[Source, float | None]
    feedback_half_life: float = 90.0
    novelty_share: float = 0.2
    surprise_bonus: float = 0.2
    repeat_gain: float = 0.05
    repeats: int = 3
    promote: float = 0.65
    demote: float = 0.45
    floor: float = 0.10


class FeedbackRule(StrEnum):
    """What one feedback does to importance: by its sign, by the count of all signs so far, or only when it is good."""

    SIGN = "sign"
    COUNTER = "counter"
    GOOD_ONLY = "good_only"


@dataclass(frozen=True, slots=True)
class LayerParams:
    """One layer of a ladder that is climbed day by day.

    Attributes:
        recency_days: Q of the recency exp(-days/Q).
        keep: what importance is multiplied with each day.
        promote, demote: importance at or above, below which a record moves; None where it never does.
    """

    recency_days: float
    keep: float
    promote: float | None = None
    demote: float | None = None


@dataclass(frozen=True, slots=True)
class DailyStepParams:
    """Importance from 0 to 100 that fades in daily steps, at the speed of the layer that the record is in.

    Attributes:
        start: importance to begin with, by source.
        rungs: the ladder.
        credit, credit_points: what feedback adds to importance.
        least_recency, least_importance: below either a record is thrown away for good.
    """

    start: Mapping[Source, float]
    rungs: Mapping[Layer, LayerParams]
    credit: FeedbackRule
    credit_points: float
    least_recency: float = 0.05
    least_importance: float = 5.0


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of memory.

    Attributes:
        says: where it comes from, in one sentence.
        home: the layer that a record begins in, by source.
        quotas: the largest share of an answer that one layer may have while others have something to say.
        diversity: lambda of maximal marginal relevance; 1 looks at scores only.
    """

    name: str
    description: str
    weights: Weights
    initial_layer: Mapping[Source, Layer]
    decay: ExponentialParams | DailyStepParams
    quotas: Mapping[Layer, float]
    diversity: float = 0.7
