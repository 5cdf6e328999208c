"""Interface of a decay model."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import Floats, Ints
from ..partitions.partition_view import PartitionView
from ..record import Layer


class DecayState(NamedTuple):
    """State of records at one time: three parts of the score in [0, 1], and whether each can be recalled."""

    recency: Floats
    strength: Floats
    outcome: Floats
    recallable: NDArray[np.bool_]

    def at(self, places: Ints) -> tuple[Floats, Floats, Floats]:
        """Return recency, strength and outcome of the records at `places`."""
        return self.recency[places], self.strength[places], self.outcome[places]


class Decay(Protocol):
    """Computes the state of records at a time from the records and the events up to that time.

    It is a pure function of the records, their events and the time: it stores nothing, and calls have no side effects.
    """

    def state(self, view: PartitionView, count: int, at: int) -> DecayState:
        """Return the state of the first `count` records of `view` at `at` (microseconds)."""
        ...

    def layers(self, view: PartitionView, places: Sequence[int], at: int) -> list[Layer]:
        """Return the layer of each record in `places` at `at` (microseconds)."""
        ...
