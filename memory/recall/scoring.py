"""Scoring of the records of a partition view: visibility mask, cosine, weighted sum, and top selection."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...llm.embeddings.port import Vectors
from ..decay.port import Decay
from ..partitions.partition import (
    ASPECTS,
    SCALE,
    SOURCES,
    Floats,
    Ints,
    Stored,
    cosines,
    quantize,
)
from ..partitions.partition_view import PartitionView
from ..port import Query
from ..presets.preset import Weights
from ..record import EXTERNAL_SOURCES, Source
from ..timestamps import to_micros
from .candidates import Candidates

MIN_POOL = 32
"""Minimum number of top-scored candidates considered for diversity."""

_BLOCK = 512
"""Number of vectors per matrix product, chosen to fit the processor cache."""

_DIGITS = 6
_SCORE_DIGITS = 8  # weights have two digits and parts six, so rounding does not decide ties


def top_scored(
    view: PartitionView,
    decay: Decay,
    weights: Weights,
    query: Query,
    asked: Vectors,
    at: int,
    *,
    among: Ints | None = None,
) -> Candidates:
    """Return the up to `pool_size(query)` records of `view` with the highest scores at `at`, unordered.

    Score = weighted sum of relevance (largest cosine to any of the vectors `asked`, at least 0), recency, strength and
    outcome. Excluded are records that are not visible, are copies, are no longer recallable, or have other aspects or
    sources than the query, or an availability time in `query.exclude_known_at` (external sources only). If `among` is
    given, only those rows are considered.
    """
    count = view.count_until(at)
    decay_state = decay.state(view, count, at)
    places = np.flatnonzero(_eligible(view, query, count, at) & decay_state.recallable)
    if among is not None:
        places = places[np.isin(view.partition.seqs[places], among)]
    rest = decay_state.at(places)
    if len(places) > (limit := pool_size(query)):
        score = _weighed(weights, (_relevance(view.partition.vectors, places, asked), *rest))
        chosen = np.argpartition(-score, limit)[:limit]
        places, rest = places[chosen], decay_state.at(places[chosen])
    return _scored(view, places, asked, rest, weights)


def pool_size(query: Query) -> int:
    """Return the number of top-scored candidates to consider for `query`."""
    return max(MIN_POOL, 4 * query.limit)


def _weighed(weights: Weights, parts: Sequence[Floats]) -> Floats:
    """Return the weighted sums of the parts (relevance, recency, strength, outcome), added in fixed order."""
    relevance, recency, strength, outcome = parts
    score = weights.relevance * relevance
    score += weights.recency * recency
    score += weights.strength * strength
    score += weights.outcome * outcome
    return score


def _eligible(view: PartitionView, query: Query, count: int, at: int) -> NDArray[np.bool_]:
    mask = view.visible(count, at)
    mask &= view.first[:count]
    if len(query.aspects) < len(ASPECTS):
        mask &= np.array([aspect in query.aspects for aspect in ASPECTS])[view.partition.aspects[:count]]
    if len(query.sources) < len(SOURCES):
        mask &= _from(view, query.sources, count)
    if query.exclude_known_at:
        known = np.array([to_micros(timestamp) for timestamp in query.exclude_known_at])
        mask &= ~(_from(view, EXTERNAL_SOURCES, count) & np.isin(view.partition.available[:count], known))
    return mask


def _from(view: PartitionView, sources: frozenset[Source], count: int) -> NDArray[np.bool_]:
    chosen = np.array([source in sources for source in SOURCES])
    mask: NDArray[np.bool_] = chosen[view.partition.sources[:count]]
    return mask


def _relevance(vectors: Stored, places: Ints, asked: Vectors) -> Floats:
    """Return the largest cosine to any query text, in single precision, for preselection only."""
    largest = np.zeros(len(places), np.float32)
    texts = asked.T / np.float32(SCALE)
    for first in range(0, len(places) if len(asked) else 0, _BLOCK):
        part = slice(first, first + _BLOCK)
        rows = vectors.take(places[part], axis=0).astype(np.float32)
        np.maximum(largest[part], (rows @ texts).max(axis=1), out=largest[part])
    return np.minimum(largest, 1.0).astype(np.float64)


def _exact_relevance(rows: Stored, asked: Vectors) -> Floats:
    """Return the largest cosine to any query text from integer products, which are equal on every machine."""
    if not len(rows) or not len(asked):
        return np.zeros(len(rows))
    largest: Floats = np.minimum(np.maximum(cosines(rows, quantize(asked)).max(axis=1), 0.0), 1.0)
    return largest


def _scored(view: PartitionView, places: Ints, asked: Vectors, rest: Sequence[Floats], weights: Weights) -> Candidates:
    partition = view.partition
    parts = np.array([_exact_relevance(partition.vectors[places], asked), *rest]).round(_DIGITS)
    scores = _weighed(weights, tuple(parts)).round(_SCORE_DIGITS)
    return Candidates((view,), np.zeros(len(places), np.int64), places, partition.ids[places], scores, parts.T)
