"""Vectors from an OpenAI-compatible endpoint. What it answers is kept, so that no text is paid for twice."""

from collections.abc import Sequence

import numpy as np
import openai
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ...domain.errors import BudgetExceeded, ModelUnavailable
from ..endpoint import Endpoint
from ..transports.http import RetryPolicy, error_message, is_transient
from .port import Vectors

BATCH = 96
LONGEST = 24_000
"""Characters of a text that are sent: about the 8,000 tokens that such models take."""

CHARACTERS_A_TOKEN = 4


class RemoteEmbedder:
    """Asks the model `model` of an endpoint; `max_tokens` is how much may be sent in the life of the process."""

    def __init__(
        self, endpoint: Endpoint, model: str, *, retry_policy: RetryPolicy | None = None, max_tokens: int | None = None
    ) -> None:
        self._endpoint, self._model, self._patience = endpoint, model, retry_policy or RetryPolicy()
        self._max_tokens, self._sent = max_tokens, 0
        self._client: openai.OpenAI | None = None

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
        retrying = Retrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=wait_exponential(multiplier=self._patience.base_wait_s, max=self._patience.max_wait_s),
            retry=retry_if_exception(is_transient),
            reraise=True,
        )
        try:
            return self._checked(retrying(self._once, clipped), len(texts))
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            failure = error_message(error, self._endpoint, self._patience)
        raise failure  # outside, so that no traceback carries the request with its key

    def _once(self, texts: list[str]) -> list[list[float]]:
        if self._client is None:
            self._client = openai.OpenAI(
                base_url=self._endpoint.url,
                api_key=self._endpoint.key,
                max_retries=0,
                timeout=self._patience.timeout_s,
            )
        answer = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        return [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]

    def _checked(self, rows: list[list[float]], count: int) -> Vectors:
        vectors = np.array(rows, np.float64)
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise ModelUnavailable(
                f"{self._endpoint.redacted_url} answered with vectors that cannot be used; check the model"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
