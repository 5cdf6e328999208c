"""Embeddings from an OpenAI-compatible endpoint. Wrap it in `CachedEmbedder` to avoid repeated calls."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...domain.errors import ModelUnavailable
from .port import Vectors
from .transport import EmbeddingReply, EmbeddingRequest, EmbeddingTransport

BATCH = 96
LONGEST = 24_000
"""Maximum characters of a text: about 8,000 tokens, the usual limit of such models."""


class RemoteEmbedder:
    """Embeds with `model` through a transport; the batches of one call are requested concurrently."""

    def __init__(self, transport: EmbeddingTransport, model: str) -> None:
        self._transport, self._model = transport, model
        self._under_way: Counter[asyncio.AbstractEventLoop] = Counter()

    @property
    def name(self) -> str:
        return f"openai:{self._model}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text; blocks the calling thread, which may run an event loop.

        Raises:
            ModelUnavailable: the endpoint returned no usable vectors.
            BudgetExceeded: the budget has no room for a batch; that batch was not sent.
        """
        with ThreadPoolExecutor(1, "embeddings") as thread:  # a thread of its own: this one may run an event loop
            return thread.submit(asyncio.run, self.embed_async(texts)).result()

    async def embed_async(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text without blocking the event loop; raises as `embed` does.

        The connections are closed when the last call in progress in this event loop ends.
        """
        loop = asyncio.get_running_loop()
        self._under_way[loop] += 1
        try:
            return await self._embedded(texts)
        finally:
            self._under_way[loop] -= 1
            if not self._under_way[loop]:
                del self._under_way[loop]
                await self._transport.aclose()

    async def _embedded(self, texts: Sequence[str]) -> Vectors:
        batches = [tuple(text[:LONGEST] for text in texts[first : first + BATCH]) for first in _firsts(texts)]
        if not batches:
            return np.empty((0, 0), np.float32)
        asked = [asyncio.ensure_future(self._batch(batch)) for batch in batches]
        try:
            return np.concatenate(await asyncio.gather(*asked))
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _batch(self, texts: tuple[str, ...]) -> Vectors:
        return _normalized(await self._transport.embed(EmbeddingRequest(self._model, texts)), len(texts), self._model)


def _firsts(texts: Sequence[str]) -> range:
    return range(0, len(texts), BATCH)


def _normalized(reply: EmbeddingReply, count: int, model: str) -> Vectors:
    try:
        vectors = np.array(reply.vectors, np.float64)
    except (ValueError, TypeError):
        vectors = np.empty(0)
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise ModelUnavailable(f"the embedding model {model} returned invalid vectors; check the model")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
