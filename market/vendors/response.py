"""HTTP responses of vendors and their parsing as JSON or XML."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from ...domain.errors import InvalidData, SourceUnavailable

HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """Validators of a conditional request; if they still match, the server returns status 304 without a body."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response with status 2xx, 304 (not modified) or 404 (unknown); any other status raises in the client.

    Attributes:
        url: the requested URL without secrets.
        body: decompressed, with keys redacted.
        headers: by lower-case name.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def not_modified(self) -> bool:
        """Whether the document is unchanged since the validators were issued."""
        return self.status == 304

    @property
    def missing(self) -> bool:
        """Whether the server does not know the requested document."""
        return self.status == 404

    @property
    def validators(self) -> CacheValidators | None:
        """The validators for the next conditional request, or None if the server sent none."""
        found = CacheValidators(self.headers.get("etag"), self.headers.get("last-modified"))
        return found if found.etag or found.last_modified else None

    def json(self) -> object:
        """Return the parsed document; fractions are Decimal, exactly as written.

        Raises SourceUnavailable if the body is empty, an HTML page, or not valid JSON.
        """
        self._refuse_page("JSON")
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_constant, strict=False)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise SourceUnavailable(f"{self.url} returned text that is not JSON") from error

    def xml(self) -> Element:
        """Return the root of the document. Entities are not expanded and external resources are not read.

        Raises:
            SourceUnavailable: the body is empty, an HTML page, or not valid XML.
            InvalidData: the document declares entities.
        """
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only feeds need it
        from defusedxml.ElementTree import fromstring  # noqa: PLC0415

        self._refuse_page("XML")
        try:
            root: Element = fromstring(self.body)
        except DefusedXmlException as error:
            raise InvalidData(self.url, None, "the XML declares entities, which are not supported") from error
        except (ParseError, ValueError, LookupError, RecursionError) as error:
            raise SourceUnavailable(f"{self.url} returned text that is not XML") from error
        return root

    def _refuse_page(self, wanted: str) -> None:
        start = self.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if not start:
            raise SourceUnavailable(f"{self.url} returned an empty body instead of {wanted}")
        if start.startswith(HTML_STARTS) or (wanted == "JSON" and start.startswith(b"<")):
            raise SourceUnavailable(f"{self.url} returned an HTML page instead of {wanted}")


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not valid JSON")
