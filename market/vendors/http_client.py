"""HTTP client of the vendors: rate limits, retries, size and time limits, and redaction of keys."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from ssl import SSLContext
from urllib.parse import quote, quote_plus, urljoin

import httpx
from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from ...domain.errors import SourceUnavailable
from ...storage.retry_after import retry_after
from .rate_limit import RateLimiter
from .response import CacheValidators, HttpResponse
from .response_body import UnreadableBody, read_body
from .server_time import ServerTime
from .url_safety import (
    check_public,
    check_redirect,
    origin,
    redact_url,
)

PASSING = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
SHORTEST_SCRUBBED = 4
LONGEST_SAID = 200


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """Limits of HTTP requests. Times are in seconds, sizes in bytes after decompression.

    Attributes:
        agent: the User-Agent; it should name the software and a contact of its operator, as the SEC requires.
        timeout: maximum wait for a connection, or for the next chunk of a response.
        deadline: maximum total time of one response.
        attempts: maximum number of attempts for transient failures.
        base_wait: wait before the second attempt; it doubles with every attempt unless the server requests another.
        longest_wait: maximum wait; a request is not retried if the server requests a longer one.
        max_bytes: maximum size of a response.
        per_second: default request rate to one host.
        proxy: URL of a proxy for all requests; the proxy then resolves host names.
        server_time: keeps the time that the servers state.
    """

    agent: str
    timeout: float = 20.0
    deadline: float = 120.0
    attempts: int = 3
    base_wait: float = 1.0
    longest_wait: float = 60.0
    max_bytes: int = 64 * 1024 * 1024
    per_second: float = 2.0
    proxy: str | None = None
    server_time: ServerTime = field(default_factory=ServerTime, compare=False, repr=False)


class HttpStatusError(SourceUnavailable):
    """The server returned an error status. The message never contains a key.

    Attributes:
        status: the HTTP status.
        said: the beginning of the response body on one line, with keys redacted.
        retry_after: seconds to wait, if the server requests it.
    """

    def __init__(self, url: str, status: int, said: str = "", retry_after: float | None = None) -> None:
        self.url, self.status, self.said, self.retry_after = url, status, said, retry_after
        wait = f"; retry after {retry_after:.0f} s" if retry_after else ""
        super().__init__(f"{url} returned status {status} ({_meaning(status)}){wait}")

    def __reduce__(self) -> tuple[type["HttpStatusError"], tuple[str, int, str, float | None]]:
        """Support pickling with all attributes."""
        return type(self), (self.url, self.status, self.said, self.retry_after)


class TransientError(SourceUnavailable):
    """A transient failure of the connection."""


@cache
def _trusted() -> SSLContext:
    """Return the default TLS settings of httpx, for all clients of a process: reading the certificates takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class HttpClient:
    """Client for GET requests; thread-safe.

    It uses the transport of httpx directly, because the httpx client logs full URLs, which may contain keys.
    """

    def __init__(self, policy: HttpPolicy, *, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._policy, self._now, self._sleep = policy, now, sleep
        self._pace = RateLimiter(now, sleep)
        self._transport = httpx.HTTPTransport(verify=_trusted(), trust_env=False, proxy=policy.proxy)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        secret_params: Mapping[str, SecretStr] | None = None,
        secret_headers: Mapping[str, SecretStr] | None = None,
        validators: CacheValidators | None = None,
        per_second: float | None = None,
    ) -> HttpResponse:
        """Return the response of `url`: status 2xx, 304 (with `validators`), or 404.

        Transient failures (429, 500, 502, 503, 504, no connection, a truncated response) are retried.

        Raises:
            HttpStatusError: any other status.
            SourceUnavailable: no response, or an unreadable one.
        """
        asked = _RedactedUrl.of(url, params or {}, secret_params or {}, secret_headers or {})
        sent = self._headers(headers or {}, validators) | {
            name: secret.get_secret_value() for name, secret in (secret_headers or {}).items()
        }
        attempts = retrying(self._policy, self._sleep)
        return attempts(self._once, asked, sent, per_second or self._policy.per_second)

    def _headers(self, extra: Mapping[str, str], validators: CacheValidators | None) -> dict[str, str]:
        headers = {"User-Agent": self._policy.agent, "Accept-Encoding": "gzip, deflate", "Accept": "*/*", **extra}
        if validators and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        return headers

    def _once(self, asked: "_RedactedUrl", headers: Mapping[str, str], per_second: float) -> HttpResponse:
        target = asked.full
        for hop in range(MOST_REDIRECTS + 1):
            self._pace.wait(origin(target)[1], per_second)
            answer = self._send(asked, target, headers, redirected=hop > 0)
            if isinstance(answer, HttpResponse):
                return answer
            check_redirect(asked.full, answer, carries_secret=bool(asked.secrets))
            target = answer
        raise SourceUnavailable(f"{asked.shown} redirects more than {MOST_REDIRECTS} times")

    def _send(
        self, asked: "_RedactedUrl", target: str, headers: Mapping[str, str], *, redirected: bool
    ) -> HttpResponse | str:
        """Return the response of `target`, or the URL that it redirects to."""
        timeout = httpx.Timeout(self._policy.timeout).as_dict()
        try:
            request = httpx.Request("GET", target, headers=dict(headers), extensions={"timeout": timeout})
            response = self._transport.handle_request(request)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _unreachable(asked, error) from None  # the cause may contain the URL with the key
        try:
            if redirected and not self._policy.proxy:
                check_public_peer(asked.full, target, response)
            return self._read(asked, target, response)
        except httpx.TransportError as error:
            raise _unreachable(asked, error) from None
        finally:
            response.close()

    def _read(self, asked: "_RedactedUrl", target: str, response: httpx.Response) -> HttpResponse | str:
        status, headers = response.status_code, {name.lower(): value for name, value in response.headers.items()}
        self._policy.server_time.note(headers)
        if status in REDIRECTS and "location" in headers:
            return urljoin(target, headers["location"])
        try:
            body = asked.scrub(
                read_body(
                    self._in_time(response.iter_raw()), headers.get("content-encoding", ""), self._policy.max_bytes
                )
            )
        except UnreadableBody as error:
            kind = TransientError if error.may_pass else SourceUnavailable
            raise kind(f"the response of {asked.shown} {error}") from None
        if status in {304, 404} or 200 <= status < 300:
            return HttpResponse(asked.shown, status, body, headers)
        raise HttpStatusError(asked.shown, status, body_excerpt(body), retry_after(headers))

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        end = self._now() + timedelta(seconds=self._policy.deadline)
        for chunk in chunks:
            yield chunk
            if self._now() > end:
                raise UnreadableBody(f"took more than {self._policy.deadline:g} s", may_pass=True)


@dataclass(frozen=True, slots=True)
class _RedactedUrl:
    """A full URL, its redacted form for messages, and the secrets to remove from responses."""

    full: str
    shown: str
    secrets: tuple[str, ...]

    @classmethod
    def of(
        cls,
        url: str,
        params: Mapping[str, str],
        secret_params: Mapping[str, SecretStr],
        secret_headers: Mapping[str, SecretStr],
    ) -> "_RedactedUrl":
        hidden = {name: secret.get_secret_value() for name, secret in secret_params.items()}
        try:
            full = str(httpx.URL(url).copy_merge_params({**params, **hidden})) if params or hidden else url
        except httpx.InvalidURL as error:
            raise SourceUnavailable(
                f"{redact_url(url)} is not a valid URL; check the base URL of the source"
            ) from error
        words = [*hidden.values(), *(secret.get_secret_value() for secret in secret_headers.values())]
        # A header value may begin with a scheme such as Bearer, which is not secret.
        return cls(full, redact_url(url), tuple(word.split()[-1] for word in words if word.split()))

    def scrub(self, body: bytes) -> bytes:
        """Return `body` with every key redacted; some vendors repeat the key in their responses."""
        for secret in self.secrets:
            for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
                if len(form) >= SHORTEST_SCRUBBED:
                    body = body.replace(form.encode(), b"***")
        return body


def retrying(policy: HttpPolicy, sleep: Callable[[float], None]) -> Retrying:
    """Return the retry policy: transient failures are retried after the wait requested by the server, or a backoff."""

    def may_pass(error: BaseException) -> bool:
        if isinstance(error, HttpStatusError):
            return error.status in PASSING and (error.retry_after or 0) <= policy.longest_wait
        return isinstance(error, TransientError)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, HttpStatusError) else None
        own = policy.base_wait * 2.0 ** (state.attempt_number - 1)
        return min(own if asked is None else asked, policy.longest_wait)

    return Retrying(
        stop=stop_after_attempt(policy.attempts),
        wait=wait,
        retry=retry_if_exception(may_pass),
        sleep=sleep,
        reraise=True,
    )


def body_excerpt(body: bytes) -> str:
    """Return the beginning of a response body on one line, at most 200 characters."""
    return " ".join(body[: 4 * LONGEST_SAID].decode(errors="replace").split())[:LONGEST_SAID]


def check_public_peer(first: str, target: str, response: httpx.Response) -> None:
    """Raise SourceUnavailable if a redirect was answered from a non-public address.

    The connected address is checked as well as the resolved one, because a name may resolve differently each time.
    """
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if peer and origin(first) != origin(target):
        check_public(first, str(peer[0]))


def _unreachable(asked: _RedactedUrl, error: Exception) -> SourceUnavailable:
    if isinstance(error, httpx.TimeoutException):
        return TransientError(f"{asked.shown} did not answer in time")
    if isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError)):
        return TransientError(f"{asked.shown} closed the connection before the response was complete")
    if isinstance(error, httpx.TransportError):
        return TransientError(f"{asked.shown} cannot be reached; check the network")
    return SourceUnavailable(f"{asked.shown} is not a valid URL; check the base URL of the source")


def _meaning(status: int) -> str:
    match status:
        case 401:
            return "the key is missing or wrong"
        case 403:
            return "not allowed with this key or this User-Agent"
        case 429:
            return "too many requests"
        case _ if status >= 500:
            return "the server failed"
    return "refused"
