"""Finding the best of a shelf by score: the two stamps, one product, one sum, and a selection."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .embedding.port import Vectors
from .fading.port import Fading
from .partition import ASPECTS, SCALE, Floats, Ints, whole
from .port import Query
from .preset import Weights
from .record import MemoryId
from .shelf import Shelf

POOL = 32
"""At least so many of the best by score are looked at for diversity."""

_FEW = 1_024
_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A record that came to mind, with the parts of its score, rounded so that every machine agrees on the order."""

    shelf: Shelf
    place: int
    id: MemoryId
    score: float
    parts: Mapping[str, float]

    @property
    def seq(self) -> int:
        return int(self.shelf.partition.seqs[self.place])

    @property
    def vector(self) -> Vectors:
        row: Vectors = self.shelf.partition.vectors[self.place]
        return row


def best(shelf: Shelf, fading: Fading, weights: Weights, query: Query, asked: Vectors, at: int) -> list[Candidate]:
    """Return the records of a shelf with the highest scores at `at`, best first, and some more than will be needed.

    Score = weighted sum of relevance (largest cosine to any of the query's texts, at least 0), recency, strength and
    outcome. Left out are those that cannot be seen, are copies, are not alive any more, or are about other aspects.
    """
    most = max(POOL, 4 * query.most)
    count = shelf.count_until(at)
    standing = fading.standing(shelf, count, at)
    rest = weights.recency * standing.recency + weights.strength * standing.strength
    rest += weights.outcome * standing.outcome
    places = np.flatnonzero(_eligible(shelf, query, count, at) & standing.alive)
    places = _promising(shelf, places, rest, asked, weights, most)
    score = rest[places] + weights.relevance * _relevance(shelf.partition.vectors, places, asked)
    if len(places) > most:
        places = places[np.argpartition(-score, most)[:most]]
    exact = _exact_relevance(shelf.partition.vectors[places], asked)
    columns = zip(exact.tolist(), *(column[places].tolist() for column in standing[:3]), strict=True)
    found = [_candidate(shelf, place, parts, weights) for place, parts in zip(places.tolist(), columns, strict=True)]
    return sorted(found, key=lambda candidate: (-candidate.score, candidate.id))


def _eligible(shelf: Shelf, query: Query, count: int, at: int) -> NDArray[np.bool_]:
    first = shelf.roots[:count] == np.arange(count)
    wanted = np.array([aspect in query.aspects for aspect in ASPECTS])
    mask: NDArray[np.bool_] = shelf.visible(count, at) & first & wanted[shelf.partition.aspects[:count]]
    return mask


def _promising(shelf: Shelf, places: Ints, rest: Floats, asked: Vectors, weights: Weights, most: int) -> Ints:
    """Leave out what could not be among the best even if it said word for word what was asked."""
    if len(places) <= _FEW * 2:
        return places
    rest = rest[places]
    first = np.argpartition(-rest, _FEW)[:_FEW]
    scores = rest[first] + weights.relevance * _relevance(shelf.partition.vectors, places[first], asked)
    enough = np.partition(scores, -most)[-most]
    kept: Ints = places[rest > enough - weights.relevance * 1.001]
    return kept


def _relevance(vectors: Vectors, places: Ints, asked: Vectors) -> Floats:
    """Return the largest cosine to any text of the query, for choosing."""
    if not len(places) or not len(asked):
        return np.zeros(len(places))
    run = len(places) == places[-1] - places[0] + 1
    rows = vectors[places[0] : places[-1] + 1] if 2 * len(places) > places[-1] - places[0] else vectors[places]
    cosines = rows @ asked.T if len(asked) > 1 else (rows @ asked[0])[:, None]
    if len(rows) != len(places) and not run:
        cosines = cosines[places - places[0]]
    largest: Floats = np.clip(cosines.max(axis=1), 0.0, 1.0).astype(np.float64)
    return largest


def _exact_relevance(rows: Vectors, asked: Vectors) -> Floats:
    """Return the same as a sum of whole numbers, which no machine rounds differently."""
    if not len(rows) or not len(asked):
        return np.zeros(len(rows))
    cosines = whole(rows) @ whole(asked).T / (SCALE * SCALE)
    largest: Floats = np.clip(cosines.max(axis=1), 0.0, 1.0)
    return largest


def _candidate(shelf: Shelf, place: int, values: tuple[float, ...], weights: Weights) -> Candidate:
    relevance, recency, strength, outcome = (round(value, _DIGITS) for value in values)
    score = weights.relevance * relevance + weights.recency * recency
    score = round(score + weights.strength * strength + weights.outcome * outcome, _DIGITS)
    parts = {"relevance": relevance, "recency": recency, "strength": strength, "outcome": outcome}
    return Candidate(shelf, place, shelf.partition.id_at(place), score, parts)
