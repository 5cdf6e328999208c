"""Chat and embedding requests over HTTP: the only module that imports the OpenAI client and that retries requests."""

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..chat import ChatRequest
from ..completion import NO_TOKENS, Completion, MalformedReply, Served, TokenUsage, with_service
from ..endpoint import Endpoint
from ..network import Network
from ..request_body import request_body
from ..stored_request import stored_request
from ..streaming import BrokenStream
from .failures import (
    Attempts,
    Failure,
    connection_failure,
    oversized_failure,
    reply_failure,
    status_failure,
    timeout_failure,
)
from .readers import LARGEST_BODY, OversizedBody, StreamReader, WholeReader, reply_reader
from .retry_policy import RetryPolicy

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI, OpenAI
    from tenacity import RetryCallState

Sleep = Callable[[float], Awaitable[None]]

MAX_CONNECTIONS = 1000
MAX_IDLE_CONNECTIONS = 100


class HttpTransport:
    """Sends chat requests to one endpoint over persistent connections.

    The client is created at first use and belongs to the running event loop; after `aclose`, or in another
    loop, a new client is created.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        *,
        network: Network = Network(),  # noqa: B008 -- frozen
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._endpoint, self._retry_policy = endpoint, retry_policy
        self._network, self._sleep = network, sleep
        self._client: _LoopClient | None = None

    async def open(self) -> None:
        """Create the client before the first request: imports and certificates take longer than a short call."""
        self._client_here()

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`.

        Raises:
            RequestRejected: the endpoint rejected the request.
            OutputRejected: the endpoint repeatedly reported that the model's answer does not have the requested format.
            EndpointOutage: no usable reply after all attempts.
            ModelUnavailable: an error that another attempt cannot change.
        """
        body, attempts = request_body(request), Attempts()
        outcome = await self._attempted(body, request, attempts)
        if isinstance(outcome, Failure):
            raise outcome.error(self._endpoint, self._retry_policy.attempts, attempts.lost)
        served = Served(self._endpoint.redacted_url, request.model, attempts=attempts.count)
        request_text, redactor = stored_request(self._endpoint, body), self._endpoint.redactor
        return with_service(outcome, served, request_text, attempts.lost, redactor)

    async def aclose(self) -> None:
        """Close the connections; a later `complete` opens new ones."""
        client, self._client = self._client, None
        if client and client.loop is asyncio.get_running_loop():
            await client.openai.close()

    async def _attempted(
        self, body: Mapping[str, object], request: ChatRequest, attempts: Attempts
    ) -> Completion | Failure:
        from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt  # noqa: PLC0415 -- for --help

        async def attempt() -> Completion | Failure:
            outcome = await self._once(body, request)
            attempts.add(outcome)
            return outcome

        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._retry_policy.attempts),
            wait=self._wait,
            retry=retry_if_result(lambda outcome: isinstance(outcome, Failure) and outcome.transient),
            sleep=self._sleep,
            retry_error_callback=_last_outcome,
        )
        return await retrying(attempt)

    async def _once(self, body: Mapping[str, object], request: ChatRequest) -> Completion | Failure:
        """Make one attempt. Errors of the client contain the request with its key, so they are converted to values."""
        reader = reply_reader(body, request)
        policy = self._retry_policy
        try:
            async with asyncio.timeout(policy.timeout_s):
                await _read(await self._sent(body), reader, policy.idle_s)
            return reader.completion()
        except MalformedReply as error:
            return reply_failure(error, reader.tokens_so_far())
        except Exception as error:
            failure = _failure(error, policy, reader.tokens_so_far())
            if failure is None:
                raise
            return failure

    async def _sent(self, body: Mapping[str, object]) -> "httpx2.Response":
        """Send the request and return the response with its body unread, as requested by the header.

        The client's typed method would validate and copy the whole request and reply, which is half the cost of a call.
        """
        import httpx2  # noqa: PLC0415 -- for --help

        client, first_byte_s = self._client_here(), self._retry_policy.first_byte_s
        options: Any = {"follow_redirects": False, "headers": {"X-Stainless-Raw-Response": "stream"}}
        try:
            async with asyncio.timeout(first_byte_s):
                return await client.post("/chat/completions", body=body, cast_to=httpx2.Response, options=options)
        except TimeoutError:
            if first_byte_s is None:
                raise
            raise _Stalled(first_byte_s, "sent no first byte within") from None

    def _client_here(self) -> "AsyncOpenAI":
        loop = asyncio.get_running_loop()
        if self._client is None or self._client.loop is not loop:
            self._client = _LoopClient(loop, self._new_client())
        return self._client.openai

    def _new_client(self) -> "AsyncOpenAI":
        import httpx2  # noqa: PLC0415 -- takes long to import
        from openai import AsyncOpenAI  # noqa: PLC0415 -- takes long to import

        options = _client_options(self._endpoint, self._retry_policy, self._network)
        return AsyncOpenAI(
            base_url=self._endpoint.url,
            api_key=self._endpoint.key,
            max_retries=0,
            timeout=options["timeout"],
            http_client=httpx2.AsyncClient(**options),
        )

    def _wait(self, state: "RetryCallState") -> float:
        outcome = state.outcome.result() if state.outcome else None
        asked = outcome.wait_s if isinstance(outcome, Failure) else None
        own = self._retry_policy.base_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(own if asked is None else asked, self._retry_policy.max_wait_s)


class HttpEmbeddings:
    """Requests embeddings from one endpoint, synchronously."""

    def __init__(
        self,
        endpoint: Endpoint,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        network: Network = Network(),  # noqa: B008 -- frozen
    ) -> None:
        self._endpoint, self._retry_policy, self._network = endpoint, retry_policy, network
        self._client: OpenAI | None = None

    def create(self, model: str, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector per text, in order; raises ModelError without a usable reply."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential  # noqa: PLC0415

        policy = self._retry_policy
        retrying = Retrying(
            stop=stop_after_attempt(policy.attempts),
            wait=wait_exponential(multiplier=policy.base_wait_s, max=policy.max_wait_s),
            retry=retry_if_exception(is_transient),
            reraise=True,
        )
        try:
            return retrying(self._once, model, list(texts))
        except Exception as error:
            failure = _failure(error, policy, NO_TOKENS)
            if failure is None and not isinstance(error, ValueError | TypeError | AttributeError):
                raise
            if failure is None:
                failure = Failure(f"returned no valid reply in {{tries}}: {error}", "check the model and --base-url")
        raise failure.error(
            self._endpoint, policy.attempts, NO_TOKENS
        )  # outside of `except`, so that no traceback contains the key

    def _once(self, model: str, texts: list[str]) -> list[list[float]]:
        if self._client is None:
            self._client = self._new_client()
            weakref.finalize(self, self._client.close)
        answer = self._client.embeddings.create(model=model, input=texts, encoding_format="float")
        return [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]

    def _new_client(self) -> "OpenAI":
        import httpx2  # noqa: PLC0415 -- takes long to import
        from openai import OpenAI  # noqa: PLC0415 -- takes long to import

        options = _client_options(self._endpoint, self._retry_policy, self._network)
        return OpenAI(
            base_url=self._endpoint.url,
            api_key=self._endpoint.key,
            max_retries=0,
            timeout=options["timeout"],
            http_client=httpx2.Client(**options),
        )


class _Stalled(TimeoutError):
    """An answer did not begin, or paused, for longer than allowed."""

    def __init__(self, seconds: float, what: str) -> None:
        super().__init__(what)
        self.seconds, self.what = seconds, what


@dataclass(frozen=True, slots=True)
class _LoopClient:
    loop: asyncio.AbstractEventLoop
    openai: "AsyncOpenAI"


async def _read(response: "httpx2.Response", reader: WholeReader | StreamReader, idle_s: float) -> None:
    """Read the body to its end; raises _Stalled if it pauses for longer than `idle_s` seconds."""
    try:
        async with aclosing(response.aiter_bytes()) as chunks:
            while True:
                async with asyncio.timeout(idle_s):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                reader.feed(chunk)
    except TimeoutError:
        raise _Stalled(idle_s, "paused inside an answer for more than") from None
    finally:
        await response.aclose()


def _last_outcome(state: "RetryCallState") -> Completion | Failure:
    assert state.outcome is not None
    outcome: Completion | Failure = state.outcome.result()
    return outcome


def _client_options(endpoint: Endpoint, policy: RetryPolicy, network: Network) -> dict[str, Any]:
    """Return the options of every HTTP client; only `network_for` reads the environment."""
    import httpx2  # noqa: PLC0415 -- takes long to import

    return {
        "timeout": httpx2.Timeout(policy.timeout_s, connect=min(policy.timeout_s, policy.connect_s)),
        "trust_env": False,
        "proxy": network.proxy,
        "verify": network.ssl_context() if endpoint.url.startswith("https:") else False,
        "limits": httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_IDLE_CONNECTIONS),
    }


def is_transient(error: BaseException) -> bool:
    """Return whether another attempt can succeed after `error` of the client."""
    failure = _failure(error, RetryPolicy(), NO_TOKENS)
    return failure is not None and failure.transient


def _failure(error: BaseException, policy: RetryPolicy, lost: TokenUsage) -> Failure | None:
    """Return the failure for an error of the client, of reading or of a timeout; None for any other error."""
    import httpx2  # noqa: PLC0415 -- takes long to import
    from openai import APIStatusError, APITimeoutError, OpenAIError  # noqa: PLC0415 -- as above

    if isinstance(error, _Stalled):
        return timeout_failure(error.seconds, lost, error.what)
    if isinstance(error, OversizedBody):
        return replace(oversized_failure(LARGEST_BODY), lost=lost)
    if isinstance(error, APIStatusError):
        return status_failure(error.status_code, error.response.text, error.response.headers, error.code)
    if isinstance(error, APITimeoutError | TimeoutError | httpx2.TimeoutException):
        return timeout_failure(policy.timeout_s, lost)
    if isinstance(error, httpx2.DecodingError):
        error = MalformedReply(f"the compressed body is damaged: {error}")
    if isinstance(error, httpx2.TransportError):  # while reading the body; the client wraps errors of sending
        error = BrokenStream(f"the connection broke off in the middle of the answer ({error})")
    if isinstance(error, MalformedReply):
        return reply_failure(error, lost)
    if isinstance(error, OpenAIError | httpx2.HTTPError | httpx2.StreamError):
        return replace(connection_failure(error.__cause__ or error), lost=lost)
    return None
