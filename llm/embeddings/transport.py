"""Requests for embeddings of an endpoint, and the interface of the transports that complete them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from ..completion import TokenUsage

BYTES_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """A request for one vector per text."""

    model: str
    texts: tuple[str, ...]

    @property
    def presumed_tokens(self) -> TokenUsage:
        """Return the most tokens that the request is presumed to use: one for 3 bytes of UTF-8."""
        size = sum(len(text.encode("utf-8", "replace")) for text in self.texts)
        return TokenUsage(-(-size // BYTES_PER_TOKEN), 0, 0, estimated=True)

    def canonical(self) -> str:
        """Return the request as canonical JSON: keys sorted, no whitespace, ASCII only."""
        asked = {"model": self.model, "texts": list(self.texts)}
        return json.dumps(asked, sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class EmbeddingReply:
    """One vector per text, in order, as the endpoint returned them, and the tokens of the request."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: TokenUsage


class EmbeddingTransport(Protocol):
    """Completes requests for embeddings.

    Contract: `embed` returns a reply or raises ModelError: ModelUnavailable if no usable reply arrives, BudgetExceeded
    if the budget has no room. It does not validate the vectors. `aclose` closes connections of the running event loop
    and may be called repeatedly.
    """

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply: ...

    async def aclose(self) -> None: ...


class WrappingEmbeddings:
    """Base class of embedding transports that wrap another one; `aclose` is delegated to it."""

    def __init__(self, inner: EmbeddingTransport) -> None:
        self._inner = inner

    async def aclose(self) -> None:
        """Close the connections of the inner transport."""
        await self._inner.aclose()
