"""Parameters of a memory preset."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..record import Layer, Source


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the parts of a score; they sum to one."""

    relevance: float
    recency: float
    strength: float
    outcome: float


@dataclass(frozen=True, slots=True)
class ExponentialParams:
    """Strength in closed form: v0 2^(-age/h) + sum of g_j 2^(-(t-t_j)/h_feedback), within [0, 1].

    Attributes:
        start: v0 of a record without surprise and without similar earlier records, by source.
        half_life: h in days by source; None for no decay.
        feedback_half_life: h_feedback in days.
        novelty_share: fraction of v0 that an exact repetition loses.
        surprise_bonus: added to v0 for a move of three standard deviations on the day of publication.
        repeat_gain: gain of each of the first `repeats` copies, applied like feedback.
        promote, demote: a record moves up a layer at strength >= `promote` and down at strength < `demote`, after at
            least one half-life in its layer.
        floor: records below this strength are not recalled.
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
    """Effect of feedback on importance: by its sign, by the running sum of signs, or only if it is positive."""

    SIGN = "sign"
    COUNTER = "counter"
    GOOD_ONLY = "good_only"


@dataclass(frozen=True, slots=True)
class LayerParams:
    """Parameters of one layer in daily-step decay.

    Attributes:
        recency_days: Q of the recency exp(-days/Q).
        keep: factor by which importance is multiplied each day.
        promote, demote: a record moves up at importance >= `promote` and down at importance < `demote`; None: never.
    """

    recency_days: float
    keep: float
    promote: float | None = None
    demote: float | None = None


@dataclass(frozen=True, slots=True)
class DailyStepParams:
    """Importance from 0 to 100 that decays in daily steps, by the parameters of the record's layer.

    Attributes:
        start: initial importance, by source.
        rungs: parameters of each layer.
        credit, credit_points: rule and points by which feedback changes importance.
        least_recency, least_importance: a record below either is discarded permanently.
    """

    start: Mapping[Source, float]
    rungs: Mapping[Layer, LayerParams]
    credit: FeedbackRule
    credit_points: float
    least_recency: float = 0.05
    least_importance: float = 5.0


@dataclass(frozen=True, slots=True)
class Preset:
    """A memory preset.

    Attributes:
        description: its origin, in one sentence.
        initial_layer: the layer in which a record starts, by source.
        quotas: maximum share of a result per layer, while other layers have candidates.
        diversity: lambda of maximal marginal relevance; 1 ranks by score only.
    """

    name: str
    description: str
    weights: Weights
    initial_layer: Mapping[Source, Layer]
    decay: ExponentialParams | DailyStepParams
    quotas: Mapping[Layer, float]
    diversity: float = 0.7
