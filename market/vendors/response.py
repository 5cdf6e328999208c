"""What a vendor's server answered, and how its text becomes JSON or XML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from ...domain.errors import InvalidData, SourceUnavailable

HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """What a server may be asked to compare with: send it back, and an unchanged page answers 304 with no body."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer: 2xx, 304 (nothing new) or 404 (not known). Everything else was raised.

    Attributes:
        url: as asked, without any secret.
        body: unpacked; a key that the server repeats in it is blacked out.
        headers: names in lower case.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        """Whether the page is as the validators say."""
        return self.status == 304

    @property
    def missing(self) -> bool:
        """Whether the server does not know what was asked for."""
        return self.status == 404

    @property
    def validators(self) -> CacheValidators | None:
        """What the server gave to compare with next time, if anything."""
        found = CacheValidators(self.headers.get("etag"), self.headers.get("last-modified"))
        return found if found.etag or found.last_modified else None

    def json(self) -> object:
        """Return the document; fractions are Decimal, as written.

        Raises SourceUnavailable for an empty body, a page of HTML, or what is no JSON.
        """
        self._refuse_page("JSON")
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant, strict=False)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise SourceUnavailable(f"{self.url} answered with text that is no JSON") from error

    def xml(self) -> Element:
        """Return the root of the document. Entities are never expanded, nothing outside is ever read.

        Raises SourceUnavailable as `json` does, and InvalidData for a document that declares entities.
        """
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only feeds need it
        from defusedxml.ElementTree import fromstring  # noqa: PLC0415

        self._refuse_page("XML")
        try:
            root: Element = fromstring(self.body)
        except DefusedXmlException as error:
            raise InvalidData(self.url, None, "the XML declares entities, which are never expanded") from error
        except (ParseError, ValueError, LookupError, RecursionError) as error:
            raise SourceUnavailable(f"{self.url} answered with text that is no XML") from error
        return root

    def _refuse_page(self, wanted: str) -> None:
        start = self.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if not start:
            raise SourceUnavailable(f"{self.url} answered with nothing instead of {wanted}")
        if start.startswith(HTML_STARTS) or (wanted == "JSON" and start.startswith(b"<")):
            raise SourceUnavailable(f"{self.url} answered with a page of HTML instead of {wanted}")


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
