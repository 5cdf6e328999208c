"""Interface of text embedders."""

from collections.abc import Sequence
from typing import Protocol

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
