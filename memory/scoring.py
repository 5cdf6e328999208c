"""Finding the best of a shelf by score: the two stamps, one product, one sum, and a selection."""

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .embedding.port import Vectors
from .fading.port import Fading, Standing
from .moments import micros
from .partition import ASPECTS, SCALE, SOURCES, Floats, Ints, Stored, cosines, packed
from .port import Query
from .preset import Weights
from .record import OUTSIDE, MemoryId, Source
from .shelf import Shelf

POOL = 32
"""At least so many of the best by score are looked at for diversity."""

PARTS = ("relevance", "recency", "strength", "outcome")
_BLOCK = 512
"""Vectors that are multiplied at once: so many stay in a processor's cache."""

_DIGITS = 6
_SCORE_DIGITS = 8  # weights have two digits and parts six, so that rounding decides no tie


class Candidate(NamedTuple):
    """A record that came to mind; score and parts are rounded so that every machine agrees on the order."""

    score: float
    id: MemoryId
    shelf: Shelf
    place: int
    values: tuple[float, float, float, float]
    vector: Stored

    @property
    def parts(self) -> Mapping[str, float]:
        """Return the parts of the score by name."""
        return dict(zip(PARTS, self.values, strict=True))

    @property
    def size(self) -> int:
        """Return the bytes of its text."""
        return int(self.shelf.partition.sizes[self.place])

    @property
    def seq(self) -> int:
        return int(self.shelf.partition.seqs[self.place])


def best(
    shelf: Shelf,
    fading: Fading,
    weights: Weights,
    query: Query,
    asked: Vectors,
    at: int,
    *,
    among: Ints | None = None,
) -> list[Candidate]:
    """Return the records of a shelf with the highest scores at `at`, in no order, some more than will be needed.

    Score = weighted sum of relevance (largest cosine to any of the query's texts, at least 0), recency, strength and
    outcome. Left out are those that cannot be seen, are copies, are not alive any more, are about other aspects, or
    are from other sources; where rows are named, also what is not `among` them.
    """
    most = max(POOL, 4 * query.most)
    count = shelf.count_until(at)
    standing = fading.standing(shelf, count, at)
    rest = weights.recency * standing.recency + weights.strength * standing.strength
    rest += weights.outcome * standing.outcome
    places = np.flatnonzero(_eligible(shelf, query, count, at) & standing.alive)
    if among is not None:
        places = places[np.isin(shelf.partition.seqs[places], among)]
    score = rest[places] + weights.relevance * _relevance(shelf.partition.vectors, places, asked)
    if len(places) > most:
        places = places[np.argpartition(-score, most)[:most]]
    return _candidates(shelf, places, asked, standing, weights)


def in_order(found: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates, the best score first, and of equal ones the smaller id."""
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.id))


def _eligible(shelf: Shelf, query: Query, count: int, at: int) -> NDArray[np.bool_]:
    first = shelf.roots[:count] == np.arange(count)
    wanted = np.array([aspect in query.aspects for aspect in ASPECTS])
    mask: NDArray[np.bool_] = shelf.visible(count, at) & first & wanted[shelf.partition.aspects[:count]]
    if len(query.sources) < len(SOURCES):
        mask &= _from(shelf, query.sources, count)
    if query.on_table:
        known = np.array([micros(moment) for moment in query.on_table])
        mask &= ~(_from(shelf, OUTSIDE, count) & np.isin(shelf.partition.available[:count], known))
    return mask


def _from(shelf: Shelf, sources: frozenset[Source], count: int) -> NDArray[np.bool_]:
    chosen = np.array([source in sources for source in SOURCES])
    mask: NDArray[np.bool_] = chosen[shelf.partition.sources[:count]]
    return mask


def _relevance(vectors: Stored, places: Ints, asked: Vectors) -> Floats:
    """Return the largest cosine to any text of the query, in single precision, which is good enough for choosing."""
    largest = np.zeros(len(places), np.float32)
    texts = asked.T / np.float32(SCALE)
    for first in range(0, len(places) if len(asked) else 0, _BLOCK):
        part = slice(first, first + _BLOCK)
        rows = vectors.take(places[part], axis=0).astype(np.float32)
        np.maximum(largest[part], (rows @ texts).max(axis=1), out=largest[part])
    return np.minimum(largest, 1.0).astype(np.float64)


def _exact_relevance(rows: Stored, asked: Vectors) -> Floats:
    """Return the same of whole numbers, whose sum no machine rounds differently."""
    if not len(rows) or not len(asked):
        return np.zeros(len(rows))
    largest: Floats = np.clip(cosines(rows, packed(asked)).max(axis=1), 0.0, 1.0)
    return largest


def _candidates(shelf: Shelf, places: Ints, asked: Vectors, standing: Standing, weights: Weights) -> list[Candidate]:
    vectors = shelf.partition.vectors[places]
    relevance = _exact_relevance(vectors, asked)
    parts = np.round([relevance, *(column[places] for column in standing[:3])], _DIGITS)
    by_part = (weights.relevance, weights.recency, weights.strength, weights.outcome)
    score = np.round(sum(weight * part for weight, part in zip(by_part, parts, strict=True)), _SCORE_DIGITS)
    ids = [MemoryId(each.decode()) for each in shelf.partition.ids[places].tolist()]
    values = zip(*parts.tolist(), strict=True)
    return list(map(Candidate, score.tolist(), ids, repeat(shelf), places.tolist(), values, vectors))
