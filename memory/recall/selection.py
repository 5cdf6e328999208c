"""Selection of records by maximal marginal relevance (MMR), with layer quotas and a token budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..partitions.partition import Floats, cosines
from ..record import Layer
from .candidates import Candidates

EXCERPT = 1_200
"""Maximum characters of an excerpt."""

BYTES_A_TOKEN = 4


@dataclass(slots=True)
class _Budget:
    """Remaining token budget and remaining quota of each layer."""

    tokens: int
    left: dict[Layer, int]

    def take(self, size: int, layer: Layer) -> bool:
        """Charge the excerpt of a text of `size` bytes and return True, or return False if it exceeds the budget."""
        cost = -(-min(size, EXCERPT) // BYTES_A_TOKEN)
        if cost > self.tokens:
            return False
        self.tokens -= cost
        self.left[layer] -= 1
        return True


@dataclass(slots=True)
class _MarginalRelevance:
    """Marginal relevance of each candidate.

    Attributes:
        worth: diversity x score.
        alike: (1 - diversity) x cosine, for each pair.
        taken: the largest of `alike` to a selected candidate, at least zero.
        shut: infinite for candidates that may not be selected now, else zero.
        over: mask of candidates that were selected or skipped.
    """

    worth: Floats
    alike: Floats
    taken: Floats
    shut: Floats
    over: NDArray[np.bool_]

    @classmethod
    def of(cls, pool: Candidates, diversity: float) -> Self:
        """Return the initial state, with nothing selected."""
        vectors, count = pool.vectors, len(pool)
        alike = (1 - diversity) * cosines(vectors, vectors)
        return cls(diversity * pool.scores, alike, np.zeros(count), np.zeros(count), np.zeros(count, np.bool_))

    def largest(self) -> int | None:
        """Return the candidate with the largest marginal relevance, or None if none may be selected."""
        margin = self.worth - np.maximum(self.taken, self.shut)
        place = int(margin.argmax())
        return place if margin[place] > -np.inf else None

    def close(self, place: int) -> None:
        """Exclude a candidate from further selection."""
        self.over[place], self.shut[place] = True, np.inf

    def add(self, place: int) -> None:
        """Record that a candidate is selected."""
        np.maximum(self.taken, self.alike[place], out=self.taken)

    def reopen(self) -> None:
        """Allow all candidates that were neither selected nor skipped."""
        self.shut = np.where(self.over, np.inf, 0.0)


def excerpt_of(text: str) -> str:
    """Return `text`, truncated at a word boundary if it is longer than EXCERPT."""
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
    """Select up to `limit` candidates by maximal marginal relevance; return their places in `pool`, best score first.

    Each step selects the candidate with the largest diversity x score - (1 - diversity) x (largest cosine to a selected
    one), first among layers below their quota, then from any layer. Ties go to the better score, then to the smaller
    id. A candidate that exceeds the remaining budget of `tokens` is skipped.
    Carbonell and Goldstein, The Use of MMR (1998).
    """
    if not len(pool):
        return []
    room = _Budget(tokens, {layer: max(1, round(share * limit)) for layer, share in quotas.items()})
    margin, sizes, selected = _MarginalRelevance.of(pool, diversity), pool.sizes.tolist(), list[int]()
    for capped in (True, False):
        while len(selected) < limit and (place := margin.largest()) is not None:
            layer = layers[place]
            margin.close(place)
            if not room.take(sizes[place], layer):
                continue
            selected.append(place)
            margin.add(place)
            if capped and room.left[layer] <= 0:
                margin.shut[[other for other, each in enumerate(layers) if each is layer]] = np.inf
        margin.reopen()
    return sorted(selected)
