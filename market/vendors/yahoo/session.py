"""HTTP session for yfinance: a curl session with the rate limits, size limits and base URL of this project."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException, Timeout

from ....storage.retry_after import retry_after
from ..http_client import (
    HttpPolicy,
    HttpStatusError,
    TransientError,
    body_excerpt,
    retrying,
)
from ..rate_limit import RateLimiter
from ..response import HttpResponse

DATA_PATHS = ("/v8/", "/v10/", "/v7/", "/xhr/")
CONSENT = "consent.yahoo.com"
ANSWERS = frozenset({400, 404, 422})
"""Status codes with which Yahoo explains in JSON why it has no data."""
STOP = 0xFFFFFFFF  # CURL_WRITEFUNC_ERROR: makes curl abort the transfer


class YahooSession(Session[Response]):
    """Session for yfinance; not thread-safe.

    Data requests are rate-limited, and transient failures are retried; a request that fails raises SourceUnavailable
    through yfinance. Failures of cookie and crumb requests are left to yfinance, because most data needs neither.

    Attributes:
        document: the last response to a data request, parsed from JSON; None before the first.
    """

    document: object

    def __init__(
        self, policy: HttpPolicy, *, now: Callable[[], datetime], sleep: Callable[[float], None], base_url: str | None
    ) -> None:
        proxies: Any = {"all": policy.proxy} if policy.proxy else None
        super().__init__(impersonate="chrome", trust_env=False, allow_redirects="safe", proxies=proxies)
        self.document = None
        self._policy, self._sleep, self._base = policy, sleep, base_url
        self._pace = RateLimiter(now, sleep)
        self._unauthorised = 0

    def begin(self) -> None:
        """Reset the state of the last request."""
        self.document, self._unauthorised = None, 0

    def request(self, method: Any, url: str, *_: Any, **options: Any) -> Response:
        """Send the request of yfinance within the limits of the policy."""
        target = self._target(url)
        options |= {"timeout": self._policy.timeout, "allow_redirects": "safe"}
        if not urlsplit(url).path.startswith(DATA_PATHS):
            return self._ask(method, target, options)
        attempts = retrying(self._policy, self._sleep)
        return attempts(self._ask_for_data, method, target, options)

    def _target(self, url: str) -> str:
        """Return `url` with its host replaced by the configured base URL, if any."""
        if self._base is None:
            return url
        base, parts = urlsplit(self._base), urlsplit(url)
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))

    def _ask(self, method: Any, target: str, options: dict[str, Any]) -> Response:
        """Make one request; abort it if the decompressed response exceeds the size limit."""
        body = bytearray()

        def keep(piece: bytes) -> int:
            body.extend(piece)
            return STOP if len(body) > self._policy.max_bytes else len(piece)

        self._pace.wait(urlsplit(target).hostname or "", self._policy.per_second)
        response = super().request(method, target, **options, content_callback=keep)
        response.content = bytes(body)
        return response

    def _ask_for_data(self, method: Any, target: str, options: dict[str, Any]) -> Response:
        shown = target.partition("?")[0]
        try:
            response = self._ask(method, target, options)
        except Timeout as error:
            raise TransientError(f"{shown} did not answer in time") from error
        except RequestException as error:
            raise TransientError(f"{shown} could not be read completely; check the network") from error
        if (urlsplit(response.url).hostname or "").endswith(CONSENT):
            return response
        self._check(shown, response)
        return response

    def _check(self, shown: str, response: Response) -> None:
        """Store the parsed response; raise HttpStatusError for a status that yfinance cannot handle."""
        status = response.status_code
        headers = {name.lower(): value or "" for name, value in response.headers.items()}
        self._policy.server_time.note(headers)
        if status == 401:
            self._unauthorised += 1
            if self._unauthorised == 1:
                return  # yfinance retries once with a new cookie and crumb
        if not (200 <= status < 300 or status in ANSWERS):
            raise HttpStatusError(shown, status, body_excerpt(response.content), retry_after(headers))
        self.document = HttpResponse(shown, status, response.content, headers).json()
