"""One request to an endpoint: the only place that speaks HTTP to a model, and the only layer that tries again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx2
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    InternalServerError,
    OpenAIError,
    RateLimitError,
)
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from ...domain.errors import ModelUnavailable
from ...storage.retry_after import retry_after
from ..endpoint import Endpoint
from ..messages import Completion, MalformedReply, parse_completion

Sleep = Callable[[float], Awaitable[None]]

_REMEDIES = {
    301: "set --base-url to the address that it points to",
    302: "set --base-url to the address that it points to",
    307: "set --base-url to the address that it points to",
    308: "set --base-url to the address that it points to",
    400: "check the model's name and the length of the prompt",
    401: "set OPENAI_API_KEY to a key that this endpoint accepts",
    402: "add credit to the account",
    403: "use a key that may use this model, or another --model",
    404: "check --model and --base-url",
    422: "check that the endpoint speaks the OpenAI chat API",
    429: "wait for the limit to lift or add credit, then resume the run",
}
_DETAIL = 300


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long an endpoint is waited for.

    Attributes:
        attempts: tries of one request, the first one included.
        base_wait_s: wait before the second try, doubled before each further one, unless the endpoint names a wait.
        max_wait_s: longest wait, also where the server asks for more.
        timeout_s: longest time that one try may take.
    """

    attempts: int = 4
    base_wait_s: float = 1.0
    max_wait_s: float = 60.0
    timeout_s: float = 180.0


class RequestRejected(ModelUnavailable):
    """The endpoint does not take the request as it is; `complaint` is its own text."""

    def __init__(self, reason: str, complaint: str) -> None:
        super().__init__(reason)
        self.complaint = complaint


class HttpTransport:
    """Carries requests to one endpoint over kept-alive connections, at most `max_parallel` at a time.

    The client is made at first use and belongs to the event loop that runs then; a wire that was closed, or that is
    used under another loop, makes a new one.
    """

    def __init__(self, endpoint: Endpoint, retry_policy: RetryPolicy, max_parallel: int, sleep: Sleep) -> None:
        self._endpoint, self._patience = endpoint, retry_policy
        self._max_parallel, self._sleep = max_parallel, sleep
        self._line: _LoopClient | None = None

    async def connect(self) -> None:
        """Make the client ahead of the first request: reading the certificates takes longer than a short call."""
        self._line_here()

    async def complete(self, body: Mapping[str, object], prompt_characters: int) -> Completion:
        """Return the completion that `body` asks for.

        Raises:
            RequestRefused: status 400 or 422.
            ModelUnavailable: no usable reply after all attempts, or a status that no second try can mend.
        """
        line = self._line_here()
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._wait,
            retry=retry_if_exception(is_transient),
            sleep=self._sleep,
            reraise=True,
        )
        async with line.places:
            try:
                return await retrying(self._once, line.client, body, prompt_characters)
            except (OpenAIError, MalformedReply, TimeoutError) as error:
                failure = error_message(error, self._endpoint, self._patience)
        raise failure

    async def aclose(self) -> None:
        """Close the connections; a later `send` opens new ones."""
        line, self._line = self._line, None
        if line and line.loop is asyncio.get_running_loop():
            await line.client.close()

    async def _once(self, client: AsyncOpenAI, body: Mapping[str, object], prompt_characters: int) -> Completion:
        # The client's typed method would check and copy the whole request and reply, for half the cost of a call.
        async with asyncio.timeout(self._patience.timeout_s):
            response = await client.post(
                "/chat/completions", body=body, cast_to=httpx2.Response, options={"follow_redirects": False}
            )
        return parse_completion(response.content, prompt_characters)

    def _line_here(self) -> "_LoopClient":
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            self._line = _LoopClient(loop, self._client(), asyncio.Semaphore(self._max_parallel))
        return self._line

    def _client(self) -> AsyncOpenAI:
        seconds = self._patience.timeout_s
        timeout = httpx2.Timeout(seconds, connect=min(seconds, 10.0))
        return AsyncOpenAI(base_url=self._endpoint.url, api_key=self._endpoint.key, max_retries=0, timeout=timeout)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error.response.headers) if isinstance(error, APIStatusError) else None
        own = self._patience.base_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(own if asked is None else asked, self._patience.max_wait_s)


@dataclass(frozen=True, slots=True)
class _LoopClient:
    loop: asyncio.AbstractEventLoop
    client: AsyncOpenAI
    places: asyncio.Semaphore


def error_message(error: Exception, endpoint: Endpoint, retry_policy: RetryPolicy) -> ModelUnavailable:
    """Return what went wrong in one sentence with a remedy, and without a secret."""
    what, remedy = _what_happened(error, retry_policy)
    said = endpoint.scrub(what)  # before it is clipped, or half a secret could be left
    shown = said if len(said) <= _DETAIL else said[:_DETAIL] + "..."
    reason = f"{endpoint.redacted_url} {shown.rstrip('.')}; {remedy}"
    if isinstance(error, APIStatusError) and error.status_code in (400, 422):
        return RequestRejected(reason, endpoint.scrub(error.response.text))
    return ModelUnavailable(reason)


def is_transient(error: BaseException) -> bool:
    """Say whether a second try could mend it."""
    if isinstance(error, RateLimitError):
        return error.code != "insufficient_quota"  # a purse does not fill by waiting
    return isinstance(error, InternalServerError | APIConnectionError | MalformedReply | TimeoutError)


def _what_happened(error: Exception, retry_policy: RetryPolicy) -> tuple[str, str]:
    tries = f"{retry_policy.attempts} attempts" if retry_policy.attempts > 1 else "one attempt"
    if isinstance(error, APIStatusError):
        server = f"after {tries}, the last with " if is_transient(error) else ""
        remedy = _REMEDIES.get(error.status_code, "see what the endpoint reports, then resume the run")
        return f"gave no answer: {server}status {error.status_code}: {_said(error)}", remedy
    if isinstance(error, APITimeoutError | TimeoutError):
        return (
            f"gave no answer within {retry_policy.timeout_s:g} s, in {tries}",
            "allow more time or use a faster model",
        )
    if isinstance(error, MalformedReply):
        return f"answered {tries} badly: {error}", "check that --base-url is the root of the API (it often ends in /v1)"
    return (
        f"cannot be reached, in {tries}: {error.__cause__ or error}",
        "check --base-url and the network, then resume the run",
    )


def _said(error: APIStatusError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    text = body.get("message") or error.response.text or error.message
    return str(text)
