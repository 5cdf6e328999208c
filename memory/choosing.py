"""From many that came to mind to the few that are told: different ones, from several layers, within a budget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """What is left of a budget, and of each layer's quota."""

    tokens: int
    left: dict[Layer, int]

    def full(self, place_of: Mapping[Layer, NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Return which candidates are in a layer that has filled its quota."""
        masks = [mask for layer, mask in place_of.items() if self.left[layer] <= 0]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(next(iter(place_of.values()))), dtype=bool)

    def take(self, excerpt: str, layer: Layer) -> bool:
        """Make place for an excerpt, or say that there is none."""
        cost = -(-len(excerpt) // CHARACTERS_A_TOKEN)
        if cost > self.tokens:
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
    scores = diversity * np.array([candidate.score for candidate in pool])
    nearest, ready = np.zeros(len(pool)), np.ones(len(pool), dtype=bool)
    told: dict[int, Chosen] = {}
    room = _Room(tokens, {layer: max(1, round(share * most)) for layer, share in quotas.items()})
    place_of = {layer: np.array([each is layer for each in layers]) for layer in set(layers)}
    for capped in (True, False):
        while len(told) < most:
            mask = ready & ~room.full(place_of) if capped else ready
            if not mask.any():
                break
            marginal = np.round(scores - (1 - diversity) * nearest, 9)
            place = int(np.argmax(np.where(mask, marginal, -np.inf)))
            ready[place] = False
            excerpt = excerpt_of(text_of(pool[place]))
            if room.take(excerpt, layers[place]):
                told[place] = Chosen(pool[place], layers[place], excerpt)
                nearest = np.maximum(nearest, vectors @ vectors[place])
    return [told[place] for place in sorted(told)]
