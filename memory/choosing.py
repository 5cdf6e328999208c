"""From many that came to mind to the few that are told: different ones, from several layers, within a budget."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .partition import SCALE, whole
from .record import Layer
from .scoring import Candidate

EXCERPT = 1_200
"""Characters of a text that an answer holds at most."""

CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate that is told, and the words to tell."""

    candidate: Candidate
    layer: Layer
    excerpt: str


@dataclass(slots=True)
class _Room:
    """What is left of a budget."""

    tokens: int
    most: int


def excerpt_of(text: str) -> str:
    """Return a text, or its beginning up to a word's end where it is too long."""
    if len(text) <= EXCERPT:
        return text
    cut = text[: EXCERPT - 2]
    return f"{cut.rsplit(maxsplit=1)[0]} …" if " " in cut else f"{cut} …"


def choose(
    pool: Sequence[Candidate],
    layers: Sequence[Layer],
    text_of: Callable[[Candidate], str],
    *,
    most: int,
    tokens: int,
    diversity: float,
    quotas: Mapping[Layer, float],
) -> list[Chosen]:
    """Choose by maximal marginal relevance.

    Again and again the one with the largest diversity x score - (1 - diversity) x (largest cosine to a chosen one), at
    first among layers that have not filled their quota, then from any layer, while there is room. Ties go to the
    better score, then to the smaller id. What does not fit the budget is passed over. Best score first in the answer.
    Carbonell and Goldstein, The Use of MMR (1998).
    """
    vectors = whole(np.array([candidate.vector for candidate in pool])) / SCALE if pool else np.empty((0, 0))
    scores = np.array([candidate.score for candidate in pool])
    nearest = np.zeros(len(pool))
    told: dict[int, Chosen] = {}
    room, passed, taken = _Room(tokens, most), set[int](), Counter[Layer]()
    for capped in (True, False):
        while room.most > 0:
            open_places = [place for place in range(len(pool)) if place not in told and place not in passed]
            if capped:
                open_places = [p for p in open_places if taken[layers[p]] < max(1, round(quotas[layers[p]] * most))]
            if not open_places:
                break
            marginal = diversity * scores[open_places] - (1 - diversity) * nearest[open_places]
            place = open_places[int(np.argmax(np.round(marginal, 9)))]
            excerpt = excerpt_of(text_of(pool[place]))
            cost = -(-len(excerpt) // CHARACTERS_A_TOKEN)
            if cost > room.tokens:
                passed.add(place)
                continue
            told[place] = Chosen(pool[place], layers[place], excerpt)
            room.tokens, room.most = room.tokens - cost, room.most - 1
            taken[layers[place]] += 1
            nearest = np.maximum(nearest, vectors @ vectors[place])
    return [told[place] for place in sorted(told)]
