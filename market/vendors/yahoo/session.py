"""The network under yfinance: its own curl session, with our manners, our limits and, for tests, our address."""

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
"""With these Yahoo says in JSON why it has nothing."""
STOP = 0xFFFFFFFF  # CURL_WRITEFUNC_ERROR: makes curl give up an answer


class YahooSession(Session[Response]):
    """A session to hand to yfinance. One thread at a time.

    Requests for data are paced and, where a failure may pass, made again; one that stays unanswered raises
    SourceUnavailable, through the library. The requests for cookies and crumbs that the library makes beside them may
    fail as it likes, as most data comes without.

    Attributes:
        document: the last answer to a request for data, as JSON; None before the first.
    """

    document: object

    def __init__(
        self, policy: HttpPolicy, *, now: Callable[[], datetime], sleep: Callable[[float], None], base_url: str | None
    ) -> None:
        proxies: Any = {"all": policy.proxy} if policy.proxy else None
        super().__init__(impersonate="chrome", trust_env=False, allow_redirects="safe", proxies=proxies)
        self.document = None
        self._manners, self._sleep, self._base = policy, sleep, base_url
        self._pace = RateLimiter(now, sleep)
        self._unauthorised = 0

    def begin(self) -> None:
        """Forget the last question."""
        self.document, self._unauthorised = None, 0

    def request(self, method: Any, url: str, *_: Any, **options: Any) -> Response:
        """Ask as the library wishes, but not further than our limits."""
        target = self._target(url)
        options |= {"timeout": self._manners.timeout, "allow_redirects": "safe"}
        if not urlsplit(url).path.startswith(DATA_PATHS):
            return self._ask(method, target, options)
        attempts = retrying(self._manners, self._sleep)
        return attempts(self._ask_for_data, method, target, options)

    def _target(self, url: str) -> str:
        """Return `url`, on the server that was configured instead of any of Yahoo's."""
        if self._base is None:
            return url
        base, parts = urlsplit(self._base), urlsplit(url)
        return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))

    def _ask(self, method: Any, target: str, options: dict[str, Any]) -> Response:
        """Make one request; an answer longer than the limit, unpacked, is given up."""
        body = bytearray()

        def keep(piece: bytes) -> int:
            body.extend(piece)
            return STOP if len(body) > self._manners.max_bytes else len(piece)

        self._pace.wait(urlsplit(target).hostname or "", self._manners.per_second)
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
            raise TransientError(f"{shown} could not be read whole; check the network") from error
        if (urlsplit(response.url).hostname or "").endswith(CONSENT):
            return response
        self._check(shown, response)
        return response

    def _check(self, shown: str, response: Response) -> None:
        """Keep what was answered; raise unless the library can make something of it."""
        status = response.status_code
        headers = {name.lower(): value or "" for name, value in response.headers.items()}
        if status == 401:
            self._unauthorised += 1
            if self._unauthorised == 1:
                return  # the library asks once more, with a new cookie and crumb
        if not (200 <= status < 300 or status in ANSWERS):
            raise HttpStatusError(shown, status, body_excerpt(response.content), retry_after(headers))
        self.document = HttpResponse(shown, status, response.content, headers).json()
