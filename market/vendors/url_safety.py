"""URL checks: a redirect must not change the scheme or lead to a private network."""

import ipaddress
import socket
from urllib.parse import urlsplit

from ...domain.errors import SourceUnavailable

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of `url`, lower case; raises SourceUnavailable unless it is an HTTP(S) URL."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise SourceUnavailable(f"{redact_url(url)} is not a valid URL; check the base URL of the source") from error
    if scheme not in DEFAULT_PORTS or not host:
        raise SourceUnavailable(f"{redact_url(url)} is not a valid URL; check the base URL of the source")
    return scheme, host, port if port is not None else DEFAULT_PORTS[scheme]


def redact_url(url: str) -> str:
    """Return `url` without user, query and fragment, which may contain keys."""
    bare = url.partition("#")[0].partition("?")[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def check_redirect(first: str, target: str, *, carries_secret: bool) -> None:
    """Check a redirect from the requested URL `first` to the URL `target` named by the server.

    A target of the same origin is permitted. Any other target must have the same scheme and public addresses, and is
    refused if the request carries a key. Raises SourceUnavailable.
    """
    here, there = origin(first), origin(target)
    if here == there:
        return
    if here[0] != there[0]:
        raise SourceUnavailable(
            f"{redact_url(first)} redirects from {here[0]} to {there[0]}; configure the final URL of the source"
        )
    if carries_secret:
        raise SourceUnavailable(f"{redact_url(first)} redirects to another host, which must not receive the key")
    for address in _addresses(there[1], there[2]):
        check_public(first, address)


def check_public(first: str, address: str) -> None:
    """Raise SourceUnavailable unless `address` (an IP address that `first` redirected to) is public."""
    if not is_public(address):
        raise SourceUnavailable(f"{redact_url(first)} redirects to {address}, which is not a public address; refused")


def is_public(address: str) -> bool:
    """Return whether an IP address is public; an IPv4 address embedded in IPv6 is checked itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return (inner or found).is_global and not found.is_multicast


def _addresses(host: str, port: int) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(f"the redirect target {host} cannot be resolved") from error
