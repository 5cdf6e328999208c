"""What a way of fading must be able to tell."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import Floats, Ints
from ..partitions.partition_view import PartitionView
from ..record import Layer


class DecayState(NamedTuple):
    """What records are worth at one moment: three parts of the score in [0, 1], and whether they can be recalled."""

    recency: Floats
    strength: Floats
    outcome: Floats
    recallable: NDArray[np.bool_]

    def at(self, places: Ints) -> tuple[Floats, Floats, Floats]:
        """Return recency, strength and outcome of some of the records."""
        return self.recency[places], self.strength[places], self.outcome[places]


class Decay(Protocol):
    """Tells what records are worth at a moment, from what happened until then and from nothing else.

    A pure function of the records, their events and the moment: nothing is stored, so nothing has to be rewritten as
    days go by, and asking changes nothing.
    """

    def state(self, view: PartitionView, count: int, at: int) -> DecayState:
        """Return the standing of the first `count` records of a shelf at `at`."""
        ...

    def layers(self, view: PartitionView, places: Sequence[int], at: int) -> list[Layer]:
        """Return the layer of some of the records at `at`."""
        ...
