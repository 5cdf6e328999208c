"""From many that came to mind to the few that are told: different ones, from several layers, within a budget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
    """What is left of a budget, and of each layer's quota; `passed` are those for which there was no room."""

    tokens: int
    left: dict[Layer, int]
    passed: set[int] = field(default_factory=set)

    def take(self, place: int, excerpt: str, layer: Layer) -> bool:
        """Make room for an excerpt, or say that there is none."""
        cost = -(-len(excerpt) // CHARACTERS_A_TOKEN)
        if cost > self.tokens:
            self.passed.add(place)
            return False
        self.tokens -= cost
        self.left[layer] -= 1
        return True


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
    if not pool:
        return []
    vectors = whole(np.array([candidate.vector for candidate in pool])) / SCALE
    likeness = (1 - diversity) * (vectors @ vectors.T)
    marginal = diversity * np.array([candidate.score for candidate in pool])
    scores, taken = marginal.copy(), np.zeros(len(pool))
    told: dict[int, Chosen] = {}
    room = _Room(tokens, {layer: max(1, round(share * most)) for layer, share in quotas.items()})
    for capped in (True, False):
        left = np.array([place not in room.passed and place not in told for place in range(len(pool))])
        while len(told) < most and left.any():
            place = int(np.argmax(np.where(left, np.round(marginal, 9), -np.inf)))
            left[place] = False
            excerpt = excerpt_of(text_of(pool[place]))
            if not room.take(place, excerpt, layers[place]):
                continue
            told[place] = Chosen(pool[place], layers[place], excerpt)
            np.maximum(taken, likeness[place], out=taken)
            np.subtract(scores, taken, out=marginal)
            if capped and room.left[layers[place]] <= 0:
                left &= np.array([layer is not layers[place] for layer in layers])
    return [told[place] for place in sorted(told)]
