"""Vectors from an OpenAI-compatible endpoint. What it answers is kept, so that no text is paid for twice."""

from collections.abc import Sequence

import numpy as np

from ...domain.errors import BudgetExceeded, ModelUnavailable
from ..endpoint import Endpoint
from ..network import Network
from ..transports.http import HttpEmbeddings
from ..transports.retry_policy import RetryPolicy
from .port import Vectors

BATCH = 96
LONGEST = 24_000
"""Characters of a text that are sent: about the 8,000 tokens that such models take."""

CHARACTERS_A_TOKEN = 4


class RemoteEmbedder:
    """Asks the model `model` of an endpoint; `max_tokens` is how much may be sent in the life of the process."""

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        network: Network = Network(),  # noqa: B008 -- frozen
        max_tokens: int | None = None,
    ) -> None:
        self._endpoint, self._model = endpoint, model
        self._http = HttpEmbeddings(endpoint, retry_policy, network)
        self._max_tokens, self._sent = max_tokens, 0

    @property
    def name(self) -> str:
        return f"openai:{self._model}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text.

        Raises:
            ModelUnavailable: no answer came, or one that cannot be used.
            BudgetExceeded: the allowance of tokens is spent; nothing was sent.
        """
        parts = [texts[first : first + BATCH] for first in range(0, len(texts), BATCH)]
        return np.concatenate([self._part(part) for part in parts]) if parts else np.empty((0, 0), np.float32)

    def _part(self, texts: Sequence[str]) -> Vectors:
        clipped = [text[:LONGEST] for text in texts]
        tokens = sum(len(text) for text in clipped) // CHARACTERS_A_TOKEN
        if self._max_tokens is not None and self._sent + tokens > self._max_tokens:
            raise BudgetExceeded(f"the allowance of {self._max_tokens} tokens for embeddings is spent; raise it")
        self._sent += tokens
        return self._checked(self._http.create(self._model, clipped), len(texts))

    def _checked(self, rows: list[list[float]], count: int) -> Vectors:
        try:
            vectors = np.array(rows, np.float64)
        except (ValueError, TypeError):
            vectors = np.empty(0)
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise ModelUnavailable(
                f"{self._endpoint.redacted_url} answered with vectors that cannot be used; check the model"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
