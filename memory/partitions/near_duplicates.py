"""Near-duplicate detection: similarity of each text to earlier texts, and which texts are copies.

Only external texts are compared, news with news and filings with filings of the same kind. Theses, reflections and
beliefs are not compared: each is about its own outcome, even if the wording is similar.

Similarity must not depend on later records, nor on the order of writing. Each record is therefore compared with the
records that became visible before it, ordered by timestamp and then id.
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
"""Days after the first text within which a near-duplicate counts as a copy; later it counts as new."""

_LOOK_BACK = 4
_BLOCK = 256
_DIGITS = 4


def with_similarity(partition: Partition, fresh: Ints) -> tuple[Partition, Ints]:
    """Return the partition with the similarity of every record, and the rows whose similarity changed.

    `fresh` holds the `seq` of the records that were not compared yet. Existing records with later timestamps are
    compared again, because they may be copies of a record in `fresh`.
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
    """Compare the records from `start` on with the earlier ones within `window` microseconds."""
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
    """Return for each record the place of the record that it is a copy of; its own place if it is no copy."""
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
