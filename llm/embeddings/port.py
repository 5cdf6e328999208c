"""Interface of text embedders."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Converts texts to vectors whose inner product measures similarity.

    `name` identifies everything that affects the vectors: kind, version and model. Vectors of embedders with
    different names are never compared.
    """

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length per text, or a row of zeros for a text without words.

        Raises:
            ModelUnavailable: a remote embedder did not return usable vectors.
        """
        ...


@runtime_checkable
class PreparableEmbedder(Protocol):
    """An embedder that can obtain vectors in advance, so that `embed` does not wait for an endpoint."""

    async def prepare(self, texts: Sequence[str]) -> None:
        """Obtain the vectors of `texts` without blocking the event loop; a later `embed` returns them at once.

        Raises:
            ModelUnavailable: a remote embedder did not return usable vectors.
            BudgetExceeded: the budget has no room for the request.
        """
        ...


async def prepare_vectors(embedder: Embedder, texts: Sequence[str]) -> None:
    """Prepare `texts` if the embedder supports it; raises as `PreparableEmbedder.prepare` does."""
    if texts and isinstance(embedder, PreparableEmbedder):
        await embedder.prepare(texts)
