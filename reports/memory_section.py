"""The memory section of a report: layer counts over time, and the history of each recalled memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..memory.inspection import StrengthPoint
from ..memory.record import Layer


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """Number of recallable memories by layer at one point in time."""

    at: datetime
    by_layer: Mapping[Layer, int]


@dataclass(frozen=True, slots=True)
class MemoryOutcome:
    """The strength of one recalled memory up to the decision, and its feedback from outcomes.

    Attributes:
        curve: strength over time, up to the decision; empty if the memory was recorded later.
        before, since: sums of the feedback up to the decision, and after it.
        decisions: number of theses that cite the memory.
    """

    curve: Sequence[StrengthPoint]
    before: float
    since: float
    decisions: int


@dataclass(frozen=True, slots=True)
class MemorySection:
    """Layer counts over time, and outcomes by id of the memories that a decision recalled."""

    filled: Sequence[LayerCounts]
    worth: Mapping[str, MemoryOutcome]
