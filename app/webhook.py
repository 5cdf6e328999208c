"""Sending of one message to a webhook over HTTP. The address is a secret and occurs in no error."""

import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import httpx

from ..domain.errors import ConfigError, SourceUnavailable
from ..llm.network import is_loopback
from ..llm.redaction import Redactor

MAX_REPLY_BYTES = 4_096
LONGEST_EXCERPT = 200


def send_webhook(
    url: str,
    body: bytes,
    *,
    timeout_s: float,
    allow_http: bool = False,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Send `body` as JSON in one POST request; any status of the class 2xx means that it was received.

    Proxies and certificates of the environment are not used, certificates are verified, redirects are not followed,
    and at most MAX_REPLY_BYTES of the reply are read. The transport is used directly, because the client of httpx logs
    full URLs. Raises ConfigError for an unusable address, and SourceUnavailable if the message was not received.
    """
    check_address(url, allow_http=allow_http)
    end = monotonic() + timeout_s
    headers = {"Content-Type": "application/json", "User-Agent": "openoutcry", "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(timeout_s).as_dict()
    redactor = Redactor(address_secrets(url))
    with httpx.HTTPTransport(trust_env=False) as transport:
        try:
            request = httpx.Request("POST", url, content=body, headers=headers, extensions={"timeout": timeout})
            response = transport.handle_request(request)
            try:
                excerpt = "" if response.is_success else _excerpt(response, end, monotonic)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise SourceUnavailable(f"no reply within {timeout_s:g} s") from None
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            raise SourceUnavailable(
                redactor.reply_text(f"cannot be reached: {error or type(error).__name__}")
            ) from None
    if not response.is_success:
        raise SourceUnavailable(_rejection(response.status_code, redactor.reply_text(excerpt)))


def check_address(url: str, *, allow_http: bool) -> None:
    """Raise ConfigError unless `url` is an https address, or an http address that is allowed. It is not shown."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("the address of the webhook is not a valid URL") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError("the address of the webhook must begin with https://")
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise ConfigError("the address of the webhook must begin with https://, or set allow_http for this channel")


def address_secrets(url: str) -> tuple[str, ...]:
    """Return the parts of an address that must not be shown: the whole, path, query, login, and their parts."""
    try:
        parts = urlsplit(url)
        login = [each for each in (parts.username, parts.password) if each]
    except ValueError:
        return (url,)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    pieces = [piece for text in (parts.path, parts.query) for piece in text.replace("&", "/").split("/")]
    values = [piece.partition("=")[2] for piece in pieces]
    found = (url, target, target.lstrip("/"), *login, *pieces, *values)
    return tuple(dict.fromkeys(each for secret in found for each in (secret, unquote(secret)) if each))


def _excerpt(response: httpx.Response, end: float, monotonic: Callable[[], float]) -> str:
    """Return the beginning of a reply on one line."""
    read = b""
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= MAX_REPLY_BYTES or monotonic() > end:
            break
    return " ".join(read[:MAX_REPLY_BYTES].decode(errors="replace").split())[:LONGEST_EXCERPT]


def _rejection(status: int, excerpt: str) -> str:
    if 300 <= status < 400:
        return f"status {status}: the webhook redirects to another address, which is not followed; set that address"
    return f"status {status}" + (f": {excerpt}" if excerpt else "")
