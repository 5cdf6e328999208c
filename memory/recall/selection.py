"""Selection of the records to return: different ones, from several layers, within a budget (MMR)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import Floats, cosines
from ..record import Layer
from .candidates import Candidates

EXCERPT = 1_200
"""Characters of a text that an answer holds at most."""

BYTES_A_TOKEN = 4


@dataclass(slots=True)
class _Budget:
    """What is left of a budget, and of each layer's quota."""

    tokens: int
    left: dict[Layer, int]

    def take(self, size: int, layer: Layer) -> bool:
        """Make room for the excerpt of a text of `size` bytes, or say that there is none."""
        cost = -(-min(size, EXCERPT) // BYTES_A_TOKEN)
        if cost > self.tokens:
            return False
        self.tokens -= cost
        self.left[layer] -= 1
        return True


@dataclass(slots=True)
class _MarginalRelevance:
    """What each candidate would add to those that are selected.

    Attributes:
        worth: diversity x score.
        alike: (1 - diversity) x cosine, of each to each.
        taken: the largest of `alike` to a selected one, at least zero.
        shut: infinite for those that may not be told now.
        over: those that were selected or passed over.
    """

    worth: Floats
    alike: Floats
    taken: Floats
    shut: Floats
    over: NDArray[np.bool_]

    @classmethod
    def of(cls, pool: Candidates, diversity: float) -> Self:
        """Return the margins while nothing is selected yet."""
        vectors, count = pool.vectors, len(pool)
        alike = (1 - diversity) * cosines(vectors, vectors)
        return cls(diversity * pool.scores, alike, np.zeros(count), np.zeros(count), np.zeros(count, np.bool_))

    def largest(self) -> int | None:
        """Return the one that adds most, or None where none may be told."""
        margin = self.worth - np.maximum(self.taken, self.shut)
        place = int(margin.argmax())
        return place if margin[place] > -np.inf else None

    def close(self, place: int) -> None:
        """Let one not come up again."""
        self.over[place], self.shut[place] = True, np.inf

    def told(self, place: int) -> None:
        """Record that one is selected."""
        np.maximum(self.taken, self.alike[place], out=self.taken)

    def reopen(self) -> None:
        """Let all be told that were neither told nor passed over."""
        self.shut = np.where(self.over, np.inf, 0.0)


def excerpt_of(text: str) -> str:
    """Return a text, or its beginning up to a word's end where it is too long."""
    if len(text) <= EXCERPT:
        return text
    cut = text[: EXCERPT - 2]
    return f"{cut.rsplit(maxsplit=1)[0]} …" if " " in cut else f"{cut} …"


def select(
    pool: Candidates,
    layers: Sequence[Layer],
    *,
    limit: int,
    tokens: int,
    diversity: float,
    quotas: Mapping[Layer, float],
) -> list[int]:
    """Choose by maximal marginal relevance, and return places in the pool, the best score first.

    Again and again the one with the largest diversity x score - (1 - diversity) x (largest cosine to a chosen one), at
    first among layers that have not filled their quota, then from any layer, while there is room. Ties go to the
    better score, then to the smaller id. What does not fit the budget is passed over.
    Carbonell and Goldstein, The Use of MMR (1998).
    """
    if not len(pool):
        return []
    room = _Budget(tokens, {layer: max(1, round(share * limit)) for layer, share in quotas.items()})
    margin, sizes, told = _MarginalRelevance.of(pool, diversity), pool.sizes.tolist(), list[int]()
    for capped in (True, False):
        while len(told) < limit and (place := margin.largest()) is not None:
            layer = layers[place]
            margin.close(place)
            if not room.take(sizes[place], layer):
                continue
            told.append(place)
            margin.told(place)
            if capped and room.left[layer] <= 0:
                margin.shut[[other for other, each in enumerate(layers) if each is layer]] = np.inf
        margin.reopen()
    return sorted(told)
