"""What a report shows of memory beyond the decision: layers over time, and the history of each recalled memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..memory.inspection import StrengthPoint
from ..memory.record import Layer


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """How many memories each layer could recall at one moment."""

    at: datetime
    by_layer: Mapping[Layer, int]


@dataclass(frozen=True, slots=True)
class MemoryOutcome:
    """The life of one recalled memory until the decision, and what outcomes have made of it since.

    Attributes:
        curve: its strength up to the decision.
        before, since: the sum of the feedback that it had got by then, and after.
        decisions: how many theses have cited it by now.
    """

    curve: Sequence[StrengthPoint]
    before: float
    since: float
    decisions: int


@dataclass(frozen=True, slots=True)
class MemorySection:
    """What the store knows of the memories that a decision recalled."""

    filled: Sequence[LayerCounts]
    worth: Mapping[str, MemoryOutcome]
