"""Chat requests over HTTP, and the clients of an endpoint: the only module that imports the OpenAI client."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..chat import ChatRequest, ChatTransport
from ..completion import NO_TOKENS, Completion, MalformedReply, Served, TokenUsage, with_service
from ..endpoint import Endpoint
from ..network import Network
from ..request_body import request_body
from ..stored_request import stored_request
from ..streaming import BrokenStream
from .error_replies import ErrorReply, refuse_error_status
from .failures import (
    AttemptFailed,
    Failure,
    connection_failure,
    oversized_failure,
    reply_failure,
    status_failure,
    timeout_failure,
)
from .readers import LARGEST_BODY, OversizedBody, StreamReader, WholeReader, reply_reader
from .retry_policy import RetryPolicy
from .retrying import RetryingTransport, Sleep

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

MAX_CONNECTIONS = 1000
MAX_IDLE_CONNECTIONS = 100


def _unwrapped(inner: ChatTransport) -> ChatTransport:
    return inner


class HttpAttempt:
    """Sends a chat request to one endpoint once, over persistent connections.

    The client is created at first use and belongs to the running event loop; after `aclose`, or in another
    loop, a new client is created.
    """

    def __init__(self, endpoint: Endpoint, policy: RetryPolicy, network: Network) -> None:
        self._endpoint, self._policy, self._network = endpoint, policy, network
        self._client: _LoopClient | None = None
        self._url = f"{endpoint.request_url.rstrip('/')}/chat/completions"

    async def open(self) -> None:
        """Create the client before the first request: imports and certificates take longer than a short call."""
        self._client_here()

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises AttemptFailed."""
        body = request_body(request)
        outcome = await self._once(body, request)
        if isinstance(outcome, Failure):  # raised outside of `except`, so that no traceback contains the key
            raise AttemptFailed(outcome)
        served = Served(self._endpoint.redacted_url, request.model)
        return with_service(
            outcome, served, stored_request(self._endpoint, body, request.sent_pictures), self._endpoint.redactor
        )

    async def aclose(self) -> None:
        """Close the connections; a later `complete` opens new ones."""
        client, self._client = self._client, None
        if client and client.loop is asyncio.get_running_loop():
            await client.openai.close()

    async def _once(self, body: Mapping[str, object], request: ChatRequest) -> Completion | Failure:
        """Make one attempt. Errors of the client contain the request with its key, so they are converted to values."""
        reader = reply_reader(body, request)
        policy = self._policy
        try:
            async with asyncio.timeout(policy.timeout_s):
                await _read(await self._sent(body), reader, policy.idle_s)
            return reader.completion()
        except MalformedReply as error:
            return reply_failure(error, reader.tokens_so_far())
        except Exception as error:
            failure = client_failure(error, policy, reader.tokens_so_far(), request.presumed_tokens)
            if failure is None:
                raise
            return failure

    async def _sent(self, body: Mapping[str, object]) -> "httpx2.Response":
        """Send the request and return the response with its body unread, as requested by the header.

        The client's typed method would validate and copy the whole request and reply, which is half the cost of a call.
        """
        import httpx2  # noqa: PLC0415 -- for --help

        client, first_byte_s = self._client_here(), self._policy.first_byte_s
        options: Any = {"follow_redirects": False, "headers": {"X-Stainless-Raw-Response": "stream"}}
        try:
            async with asyncio.timeout(first_byte_s):
                return await client.post(self._url, body=body, cast_to=httpx2.Response, options=options)
        except TimeoutError:
            if first_byte_s is None:
                raise
            raise _Stalled(first_byte_s, "sent no first byte within") from None

    def _client_here(self) -> "AsyncOpenAI":
        loop = asyncio.get_running_loop()
        if self._client is None or self._client.loop is not loop:
            self._client = _LoopClient(loop, new_client(self._endpoint, self._policy, self._network))
        return self._client.openai


class HttpTransport(RetryingTransport):
    """Sends chat requests to one endpoint and repeats attempts that failed temporarily.

    `each_attempt` wraps the transport of single attempts, for example with rate limits and a budget, which then
    count every attempt.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        retry_policy: RetryPolicy = RetryPolicy(),  # noqa: B008 -- frozen
        *,
        network: Network = Network(),  # noqa: B008 -- frozen
        sleep: Sleep = asyncio.sleep,
        each_attempt: Callable[[ChatTransport], ChatTransport] = _unwrapped,
    ) -> None:
        attempt = each_attempt(HttpAttempt(endpoint, retry_policy, network))
        super().__init__(attempt, endpoint, retry_policy, sleep)


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
                if reader.is_complete:
                    return
    except TimeoutError:
        raise _Stalled(idle_s, "paused inside an answer for more than") from None
    finally:
        await response.aclose()


def new_client(
    endpoint: Endpoint, policy: RetryPolicy, network: Network, max_bytes: int = LARGEST_BODY
) -> "AsyncOpenAI":
    """Return a client for the running event loop. It does not retry, and only `network_for` reads the environment.

    Reading a reply of more than `max_bytes` after decompression raises OversizedBody.
    """
    import httpx2  # noqa: PLC0415 -- takes long to import
    from openai import AsyncOpenAI  # noqa: PLC0415 -- takes long to import

    options = _client_options(endpoint, policy, network, max_bytes)
    client = AsyncOpenAI(
        base_url=endpoint.request_url,
        api_key=endpoint.key,
        max_retries=0,
        timeout=options["timeout"],
        http_client=httpx2.AsyncClient(**options),
    )
    client._platform = "Unknown"  # else each of the first calls starts a thread to look it up
    return client


def _client_options(endpoint: Endpoint, policy: RetryPolicy, network: Network, max_bytes: int) -> dict[str, Any]:
    """Return the options of every HTTP client; only `network_for` reads the environment."""
    import httpx2  # noqa: PLC0415 -- takes long to import

    from .bounded_reply import ACCEPTED_ENCODINGS, limit_replies  # noqa: PLC0415 -- imports httpx2

    return {
        "headers": {"Accept-Encoding": ACCEPTED_ENCODINGS},
        "event_hooks": {"response": [limit_replies(max_bytes), refuse_error_status]},
        "timeout": httpx2.Timeout(policy.timeout_s, connect=min(policy.timeout_s, policy.connect_s)),
        "trust_env": False,
        "auth": endpoint.login,
        "proxy": network.proxy,
        "verify": network.ssl_context() if endpoint.url.startswith("https:") else False,
        "limits": httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_IDLE_CONNECTIONS),
    }


def client_failure(
    error: BaseException, policy: RetryPolicy, lost: TokenUsage, presumed: TokenUsage = NO_TOKENS
) -> Failure | None:
    """Return the failure for an error of the client, of reading or of a timeout; None for any other error.

    Args:
        error: the error of an attempt.
        policy: the time limits of the attempt.
        lost: tokens of the part of the answer that arrived.
        presumed: tokens that the endpoint may have charged if no part of the answer arrived.
    """
    import httpx2  # noqa: PLC0415 -- takes long to import
    from openai import APITimeoutError, OpenAIError  # noqa: PLC0415 -- as above

    charged = lost if lost != NO_TOKENS else presumed
    if isinstance(error, _Stalled):
        return timeout_failure(error.seconds, charged, error.what)
    if isinstance(error, OversizedBody):
        return replace(oversized_failure(error.limit), lost=charged)
    if isinstance(error, ErrorReply):
        return status_failure(error.status, error.body, error.headers)
    if isinstance(error, APITimeoutError | TimeoutError | httpx2.TimeoutException):
        return timeout_failure(policy.timeout_s, charged if _was_sent(error) else lost)
    if isinstance(error, httpx2.DecodingError):
        error = MalformedReply(f"the compressed body is damaged: {error}")
    if isinstance(error, httpx2.TransportError):  # while reading the body; the client wraps errors of sending
        error = BrokenStream(f"the connection broke off in the middle of the answer ({error})")
    if isinstance(error, MalformedReply):
        return reply_failure(error, charged)
    if isinstance(error, OpenAIError | httpx2.HTTPError | httpx2.StreamError):
        return replace(connection_failure(error.__cause__ or error), lost=charged if _was_sent(error) else lost)
    return None


def _was_sent(error: BaseException) -> bool:
    """Return whether the endpoint may have received the request; False if no connection was opened."""
    import httpx2  # noqa: PLC0415 -- takes long to import

    unsent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
    return not isinstance(error.__cause__ or error, unsent)
