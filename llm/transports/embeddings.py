"""Embedding requests over HTTP: single attempts, and their repetition."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..completion import CHARACTERS_PER_TOKEN, MalformedReply, TokenUsage
from ..embeddings.transport import EmbeddingReply, EmbeddingRequest, EmbeddingTransport, WrappingEmbeddings
from ..endpoint import Endpoint
from ..network import Network
from .failures import AttemptFailed, Attempts, Failure, reply_failure
from .http import client_failure, new_client
from .limiter import RequestLimiter
from .retry_policy import RetryPolicy
from .retrying import Sleep, retried

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LIMITER_GROUP = "embeddings"
LARGEST_EMBEDDINGS = 128_000_000
"""Size limit of a reply in bytes; 2,000 vectors of 3,000 numbers are as JSON about half of it."""


class EmbeddingAttempt:
    """Requests embeddings from one endpoint once. Every event loop has a client of its own."""

    def __init__(self, endpoint: Endpoint, policy: RetryPolicy, network: Network) -> None:
        self._endpoint, self._policy, self._network = endpoint, policy, network
        self._clients: dict[asyncio.AbstractEventLoop, AsyncOpenAI] = {}

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Return one vector per text, in order; raises AttemptFailed."""
        outcome = await self._once(request)
        if isinstance(outcome, Failure):  # raised outside of `except`, so that no traceback contains the key
            raise AttemptFailed(outcome)
        return outcome

    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later `embed` opens new ones."""
        held = self._clients.pop(asyncio.get_running_loop(), None)
        if held is not None:
            await held.close()

    async def _once(self, request: EmbeddingRequest) -> EmbeddingReply | Failure:
        try:
            async with asyncio.timeout(self._policy.timeout_s):
                answer = await self._client_here().embeddings.create(
                    model=request.model, input=list(request.texts), encoding_format="float"
                )
            return _reply(answer, request)
        except (ValueError, TypeError, AttributeError) as error:
            return reply_failure(MalformedReply(str(error)), request.presumed_tokens)
        except Exception as error:
            failure = client_failure(error, self._policy, TokenUsage(0, 0, 0, False), request.presumed_tokens)
            if failure is None:
                raise
            return failure

    def _client_here(self) -> "AsyncOpenAI":
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = new_client(self._endpoint, self._policy, self._network, LARGEST_EMBEDDINGS)
        return self._clients[loop]


def _reply(answer: Any, request: EmbeddingRequest) -> EmbeddingReply:
    rows = sorted(answer.data, key=lambda each: each.index)
    used = getattr(answer.usage, "prompt_tokens", None)
    tokens = TokenUsage(sum(map(len, request.texts)) // CHARACTERS_PER_TOKEN, 0, 0, estimated=True)
    if isinstance(used, int) and not isinstance(used, bool) and used >= 0:
        tokens = TokenUsage(used, 0, 0, estimated=False)
    return EmbeddingReply(tuple(tuple(row.embedding) for row in rows), tokens)


class LimitedEmbeddings(WrappingEmbeddings):
    """Sends embedding requests when the limiter admits them."""

    def __init__(self, inner: EmbeddingTransport, limiter: RequestLimiter) -> None:
        super().__init__(inner)
        self._limiter = limiter

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Return the reply of the inner transport; raises as it does."""
        async with self._limiter.admitted(LIMITER_GROUP, request.presumed_tokens.prompt) as admission:
            reply = await self._inner.embed(request)
            admission.tokens = reply.tokens.prompt
            return reply


class HttpEmbeddings(WrappingEmbeddings):
    """Requests embeddings from one endpoint and repeats attempts that failed temporarily.

    `each_attempt` wraps the transport of single attempts, for example with rate limits and a budget.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        *,
        network: Network = Network(),  # noqa: B008 -- frozen
        sleep: Sleep = asyncio.sleep,
        each_attempt: Callable[[EmbeddingTransport], EmbeddingTransport] | None = None,
    ) -> None:
        attempt: EmbeddingTransport = EmbeddingAttempt(endpoint, retry_policy, network)
        super().__init__(attempt if each_attempt is None else each_attempt(attempt))
        self._endpoint, self._policy, self._sleep = endpoint, retry_policy, sleep

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Return one vector per text, in order.

        Raises:
            ModelUnavailable: no usable reply.
            BudgetExceeded: the budget has no room for an attempt.
        """
        attempts = Attempts[EmbeddingReply]()
        outcome = await retried(lambda: self._inner.embed(request), attempts, self._policy, self._sleep)
        if isinstance(outcome, Failure):
            raise outcome.error(self._endpoint, self._policy.attempts, attempts.lost)
        return outcome
