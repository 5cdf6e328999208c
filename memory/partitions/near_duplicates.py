"""What has been said before: how like a text is to earlier ones, and which texts are copies of one another.

Only what the market publishes is compared, news with news and filings with filings of the same kind: a thesis, a
reflection and a belief are each about an outcome of their own, however alike their words are.

How new a record is must not depend on what could not be seen when it came, nor on the order in which records were
written. So each is measured against those that were visible before it, by stamps and then by id, whatever their rows.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..record import Source
from ..timestamps import DAY
from .partition import (
    SOURCES,
    Ints,
    Partition,
    cosines,
)

COPY = 0.95
SPAN_DAYS = {Source.NEWS: 7, Source.QUARTERLY: 90, Source.ANNUAL: 365}
"""A copy of a text within so many days of the first one is the same story; later, it is news again."""

_LOOK_BACK = 4
_BLOCK = 256
_DIGITS = 4


def with_similarity(partition: Partition, fresh: Ints) -> tuple[Partition, Ints]:
    """Return the partition with the likeness of every record known, and the rows whose likeness has changed.

    `fresh` holds the `seq` of the records that have not been compared yet. Older ones that come after them in time are
    compared again: a late arrival may be what they repeat.
    """
    similarity, nearest = partition.similarity.copy(), partition.nearest.copy()
    new = np.isin(partition.seqs, fresh)
    for source, span in SPAN_DAYS.items():
        chosen = np.flatnonzero(partition.sources == SOURCES.index(source))
        order = chosen[np.lexsort((partition.ids[chosen], partition.born[chosen]))]
        if new[order].any():
            _compare(partition, order, int(np.argmax(new[order])), span * _LOOK_BACK * DAY, similarity, nearest)
    changed = (similarity != partition.similarity) | (nearest != partition.nearest)
    return replace(partition, similarity=similarity, nearest=nearest), partition.seqs[changed | new]


def _compare(
    partition: Partition, order: Ints, start: int, window: int, similarity: NDArray[np.float64], nearest: Ints
) -> None:
    """Measure the records from `start` on against those before them that came within `window`."""
    born, available = partition.born[order], partition.available[order]
    for first in range(start, len(order), _BLOCK):
        here = np.arange(first, min(first + _BLOCK, len(order)))
        low = int(np.searchsorted(born, available[here].min() - window))
        before = np.arange(low, here[-1] + 1)
        alike = cosines(partition.vectors[order[here]], partition.vectors[order[before]])
        allowed = (before < here[:, None]) & (available[before] >= available[here][:, None] - window)
        alike = np.where(allowed, np.round(alike, _DIGITS), -1.0)
        best = alike.argmax(axis=1)
        value = alike[np.arange(len(here)), best]
        similarity[order[here]] = value
        nearest[order[here]] = np.where(value > -1, partition.seqs[order[before[best]]], 0)


def duplicate_roots(partition: Partition) -> Ints:
    """Return for each record the place of the one that it is a copy of; its own place where it is none."""
    root = np.arange(len(partition))
    alike = np.flatnonzero(partition.similarity >= COPY)
    if not len(alike):
        return root
    alike = alike[np.lexsort((partition.ids[alike], partition.born[alike]))]
    spans = np.array([SPAN_DAYS.get(source, 0) * DAY for source in SOURCES])
    for place, near in zip(alike.tolist(), partition.index_of(partition.nearest[alike]).tolist(), strict=True):
        first = root[near]
        if partition.available[place] - partition.available[first] <= spans[partition.sources[place]]:
            root[place] = first
    return root
