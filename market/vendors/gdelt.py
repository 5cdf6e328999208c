"""GDELT: online news articles worldwide, through the article list of the DOC 2.0 API. No key is needed.

Response format: https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (mode ArtList). The index covers about three
months. The limit is one request every five seconds; a response has at most 250 articles. An invalid request is
answered with plain text instead of JSON.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ...domain.errors import NoData
from ..folder.layout import DatasetKind
from .field_reader import FieldReader
from .http_client import HttpClient
from .json_api import JsonApi
from .normalize import deduplicate, news_row
from .port import VendorRequest, VendorRow

BASE_URL = "https://api.gdeltproject.org"
PATH = "/api/v2/doc/doc"
PAGE = 250
MOST_PAGES = 4
LEGAL = re.compile(
    r"[\s,]+(?:the|inc|incorporated|corp|corporation|company|co|ltd|limited|plc|llc|lp|sa|ag|nv|se|holdings?|group)\.?$",
    re.IGNORECASE,
)


class Gdelt:
    """Vendor adapter for articles that name the company, newest first, at most 1,000 per request.

    An article is known from the end of the hour in which GDELT first saw it, because its times are those of 15-minute
    batches.

    Args:
        names: returns the company name of a ticker, or None. A search for the ticker itself is too unspecific.
        language: GDELT language name, such as `english`.
    """

    name = "gdelt"
    kinds = frozenset({DatasetKind.NEWS})

    def __init__(
        self,
        client: HttpClient,
        *,
        names: Callable[[str], str | None],
        base_url: str = BASE_URL,
        language: str = "english",
        per_minute: float = 8,
    ) -> None:
        self._api = JsonApi(client, self.name, base_url, per_minute)
        self._names, self._language = names, language.casefold()

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the articles of the window; raises NoData if no searchable name of the company is known."""
        name = searchable(self._names(ask.key) or "")
        if not name:
            raise NoData(f"gdelt searches by name, and no company name is known for {ask.key}")
        found: list[FieldReader] = []
        until = ask.until
        for _ in range(MOST_PAGES):
            page = self._page(name, ask.since, until)
            found += page
            oldest = min((item.moment("seendate") for item in page), default=until)
            if len(page) < PAGE or oldest >= until:
                break
            until = oldest
        matching = [item for item in found if item.text("language").casefold() == self._language]
        return deduplicate(_story(ask.key, item) for item in matching if item.has("title"))

    def check(self) -> None:
        """Request the recent articles on a common word."""
        self._page("market", None, None)

    def _page(self, name: str, since: datetime | None, until: datetime | None) -> Sequence[FieldReader]:
        words = f'"{name}"' if " " in name else name
        params = {"query": f"{words} sourcelang:{self._language}", "mode": "artlist", "format": "json"}
        params |= {"maxrecords": str(PAGE), "sort": "datedesc"}
        if since and until:
            params |= {"startdatetime": _compact(since), "enddatetime": _compact(until)}
        document = FieldReader.of(self.name, self._api.get(PATH, params, about=name))
        return document.objects("articles") if document.values else ()


def searchable(name: str) -> str:
    """Return a company name without its legal form and without search operators; empty if at most 2 characters."""
    words = " ".join(re.sub(r"[^\w\s&.'-]", " ", name).split())
    while (shorter := LEGAL.sub("", words)) != words:
        words = shorter
    return words.strip(" .&'-") if len(words) > 2 else ""


def _compact(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _story(ticker: str, fields: FieldReader) -> VendorRow:
    return news_row(
        ticker,
        fields.moment("seendate"),
        fields.text("title"),
        source=fields.words("domain"),
        url=fields.text("url"),
        precision="hour",
    )
