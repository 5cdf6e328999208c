"""Recall candidates as columns; one object per candidate would cost more than the search."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import (
    Floats,
    Ints,
    Partition,
    Stored,
)
from ..partitions.partition_view import PartitionView
from ..record import MemoryId

PARTS = ("relevance", "recency", "strength", "outcome")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Columns of equal length. Scores and parts are rounded so that the order is equal on every machine.

    Attributes:
        views: the partition views that contain the records.
        shelf, places: for each record the index of its view, and its place in that view.
        parts: one row of PARTS per record.
    """

    views: tuple[PartitionView, ...]
    shelf: Ints
    places: Ints
    ids: NDArray[np.bytes_]
    scores: Floats
    parts: Floats

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def joined(cls, lists: Sequence[Self], limit: int) -> Self:
        """Return the `limit` best candidates of `lists` by score, best first; ties are ordered by id."""
        if not lists:
            nothing = np.zeros(0, np.int64)
            return cls((), nothing, nothing, np.zeros(0, "S16"), np.zeros(0), np.zeros((0, len(PARTS))))
        one = lists[0] if len(lists) == 1 else cls._together(lists)
        order = np.lexsort((one.ids, -one.scores))[:limit]
        return cls(one.views, one.shelf[order], one.places[order], one.ids[order], one.scores[order], one.parts[order])

    @classmethod
    def _together(cls, lists: Sequence[Self]) -> Self:
        views = tuple(shelf for each in lists for shelf in each.views)
        starts = np.cumsum([0, *(len(each.views) for each in lists[:-1])])
        return cls(
            views,
            np.concatenate([each.shelf + start for each, start in zip(lists, starts, strict=True)]),
            *(np.concatenate([getattr(each, name) for each in lists]) for name in ("places", "ids", "scores", "parts")),
        )

    @property
    def seqs(self) -> Ints:
        """Return the journal row of each candidate."""
        return self._column(lambda partition: partition.seqs)

    @property
    def sizes(self) -> Ints:
        """Return the size of each text in bytes."""
        return self._column(lambda partition: partition.sizes)

    @property
    def vectors(self) -> Stored:
        """Return one vector per candidate, in storage format."""
        return self._column(lambda partition: partition.vectors)

    @property
    def names(self) -> list[MemoryId]:
        """Return the id of each candidate."""
        return [MemoryId(each.decode()) for each in self.ids.tolist()]

    def parts_of(self, number: int) -> Mapping[str, float]:
        """Return the parts of the score of candidate `number`, by name."""
        return dict(zip(PARTS, self.parts[number].tolist(), strict=True))

    def by_shelf(self) -> list[tuple[PartitionView, Ints]]:
        """Return each partition view with the numbers of its candidates."""
        if len(self.views) == 1:
            return [(self.views[0], np.arange(len(self)))]
        return [(shelf, np.flatnonzero(self.shelf == number)) for number, shelf in enumerate(self.views)]

    def _column(self, of: Callable[[Partition], NDArray[Any]]) -> NDArray[Any]:
        if len(self.views) == 1:
            return of(self.views[0].partition)[self.places]
        found = [(numbers, of(shelf.partition)[self.places[numbers]]) for shelf, numbers in self.by_shelf()]
        if not found:
            return np.zeros(0, np.int64)
        order = np.argsort(np.concatenate([numbers for numbers, _ in found]))
        return np.concatenate([values for _, values in found])[order]
