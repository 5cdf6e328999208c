"""Client of a vendor's JSON API: base URL, key transport and request rate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import SecretStr

from ...domain.errors import NoData, SourceUnavailable
from .http_client import HttpClient

CLASS_SHARE = re.compile(r"([A-Z]+)[.-]([A-Z])")


@dataclass(frozen=True, slots=True)
class JsonApi:
    """Client of one vendor.

    Attributes:
        source: name of the vendor.
        per_minute: maximum requests per minute.
        key: None if none is configured; every request that needs a key then raises SourceUnavailable.
        header: the header that carries the key; empty if there is none.
        scheme: prefix of the key in that header, such as "Bearer ".
        param: the query parameter that carries the key; empty if there is none.
    """

    client: HttpClient
    source: str
    base_url: str
    per_minute: float
    key: SecretStr | None = None
    header: str = ""
    scheme: str = ""
    param: str = ""

    def get(self, path: str, params: Mapping[str, str], *, about: str) -> object:
        """Return the parsed JSON document at `path`; raises NoData if the vendor does not know `about` (status 404)."""
        reply = self.client.get(
            self.base_url.rstrip("/") + path,
            params=params,
            secret_params={self.param: self._secret()} if self.param else {},
            secret_headers={self.header: self._secret(self.scheme)} if self.header else {},
            per_second=self.per_minute / 60,
        )
        if reply.missing:
            raise unknown(self.source, about)
        return reply.json()

    def _secret(self, scheme: str = "") -> SecretStr:
        if self.key is None or not self.key.get_secret_value().strip():
            raise SourceUnavailable(f"{self.source} needs a key, and none is configured")
        return SecretStr(scheme + self.key.get_secret_value().strip())


def unknown(source: str, about: str) -> NoData:
    """Return the error for a key that the vendor does not know."""
    return NoData(f"{source} does not know {about}")


def in_path(ticker: str) -> str:
    """Return `ticker` percent-encoded as one path segment."""
    return quote(ticker, safe="")


def dotted(ticker: str) -> str:
    """Return `ticker` with the class share spelled as BRK.B."""
    return CLASS_SHARE.sub(r"\1.\2", ticker) if CLASS_SHARE.fullmatch(ticker) else ticker


def dashed(ticker: str) -> str:
    """Return `ticker` with the class share spelled as BRK-B."""
    return CLASS_SHARE.sub(r"\1-\2", ticker) if CLASS_SHARE.fullmatch(ticker) else ticker
