"""Embeddings from an OpenAI-compatible endpoint. Wrap it in `CachedEmbedder` to avoid repeated calls."""

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
"""Maximum characters of a text: about 8,000 tokens, the usual limit of such models."""

CHARACTERS_A_TOKEN = 4


class RemoteEmbedder:
    """Embeds with `model` at an endpoint; `max_tokens` limits the estimated tokens sent by this instance."""

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
        """Return one row per text.

        Raises:
            ModelUnavailable: the endpoint returned no usable vectors.
            BudgetExceeded: the next batch would exceed `max_tokens`; it was not sent.
        """
        parts = [texts[first : first + BATCH] for first in range(0, len(texts), BATCH)]
        return np.concatenate([self._part(part) for part in parts]) if parts else np.empty((0, 0), np.float32)

    def _part(self, texts: Sequence[str]) -> Vectors:
        clipped = [text[:LONGEST] for text in texts]
        tokens = sum(len(text) for text in clipped) // CHARACTERS_A_TOKEN
        if self._max_tokens is not None and self._sent + tokens > self._max_tokens:
            raise BudgetExceeded(f"the budget of {self._max_tokens} tokens for embeddings is used up; raise it")
        self._sent += tokens
        return self._checked(self._http.create(self._model, clipped), len(texts))

    def _checked(self, rows: list[list[float]], count: int) -> Vectors:
        try:
            vectors = np.array(rows, np.float64)
        except (ValueError, TypeError):
            vectors = np.empty(0)
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise ModelUnavailable(f"{self._endpoint.redacted_url} returned invalid vectors; check the model")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
