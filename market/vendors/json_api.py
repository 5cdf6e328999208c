"""A vendor's JSON interface: its address, how the key is sent, and the request rate."""

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
    """Asks one vendor.

    Attributes:
        source: the vendor's name.
        per_minute: how often it may be asked.
        key: None where the operator gave none; every question then raises SourceUnavailable.
        header: the header that carries the key, or "" where it goes into the query under `param`.
        scheme: what stands before the key in that header.
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
        """Return the document at `path`; raises NoData where the vendor does not know what it is `about`."""
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
    """Return `ticker` so that it is one part of a path, whatever it holds."""
    return quote(ticker, safe="")


def dotted(ticker: str) -> str:
    """Return a class share as BRK.B."""
    return CLASS_SHARE.sub(r"\1.\2", ticker) if CLASS_SHARE.fullmatch(ticker) else ticker


def dashed(ticker: str) -> str:
    """Return a class share as BRK-B."""
    return CLASS_SHARE.sub(r"\1-\2", ticker) if CLASS_SHARE.fullmatch(ticker) else ticker
