"""The port that turns texts into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors whose inner product says how alike the texts are.

    `name` holds everything that changes the vectors: the kind, its version, the model. Vectors of embedders with
    different names are never compared.
    """

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length for each text, or of zeros for a text without a word.

        Raises:
            ModelUnavailable: an embedder that lives elsewhere gave no answer.
        """
        ...
