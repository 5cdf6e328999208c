"""News feeds in RSS 2.0, RSS 1.0 (RDF) or Atom, with {ticker} in the URL. No key is needed.

Formats: https://www.rssboard.org/rss-specification, https://web.resource.org/rss/1.0/spec and RFC 4287. A feed has
recent items only and does not indicate which items it omits.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree.ElementTree import Element

from ...domain.errors import ConfigError, InvalidData, SourceUnavailable
from ...storage.retry_after import http_date
from ..folder.layout import DatasetKind
from .http_client import HttpClient
from .json_api import dashed, unknown
from .normalize import deduplicate, news_row
from .port import VendorRequest, VendorRow
from .response import CacheValidators, HttpResponse

TICKER_PLACEHOLDER = "{ticker}"
ROOTS = frozenset({"rss", "RDF", "feed"})
ITEMS = frozenset({"item", "entry"})
DATES = ("pubDate", "published", "date", "issued", "updated")
SUMMARIES = ("description", "summary", "encoded", "content")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Rss:
    """Vendor adapter for the current items of one feed; repeated requests are conditional (ETag, Last-Modified).

    An item without a date is not dated: it is known from the time when it was first fetched. A time of midnight is
    read as a date without a time.

    Args:
        name: label for evidence, such as `rss_yahoo`; lower case letters, digits and underscores.
        template: URL of the feed with the placeholder `{ticker}`.

    Raises:
        ConfigError: the name is invalid, or the template has no placeholder.
    """

    kinds = frozenset({DatasetKind.NEWS})

    def __init__(self, client: HttpClient, name: str, template: str, *, per_minute: float = 20) -> None:
        if NAME.fullmatch(name) is None or TICKER_PLACEHOLDER not in template:
            raise ConfigError(
                f"the feed {name} needs a lower-case name (letters, digits, _) and a URL that contains "
                f"{TICKER_PLACEHOLDER}"
            )
        self.name = name
        self._client, self._template, self._per_second = client, template, per_minute / 60
        self._seen: dict[str, tuple[CacheValidators, HttpResponse]] = {}

    def fetch(self, ask: VendorRequest) -> Sequence[VendorRow]:
        """Return the items in the window; raises SourceUnavailable if the feed begins after the window."""
        root = self._feed(ask.key).xml()
        if _local(root) not in ROOTS:
            raise InvalidData(self.name, None, f"the root element <{_local(root)}> is not that of a feed")
        found = [(_published(item), _story(self.name, ask.key, item)) for item in _items(root)]
        times = [timestamp for timestamp, _ in found if timestamp]
        if times and min(times) > ask.until:
            raise SourceUnavailable(f"{self.name} has items only since {min(times):%Y-%m-%d}")
        return deduplicate(
            record
            for timestamp, record in found
            if timestamp is None or ask.since.date() <= timestamp.date() <= ask.until.date()
        )

    def check(self) -> None:
        """Request the feed of AAPL, which every feed covers."""
        self._feed("AAPL").xml()

    def _feed(self, ticker: str) -> HttpResponse:
        url = self._template.replace(TICKER_PLACEHOLDER, quote(dashed(ticker), safe=""))
        validators, before = self._seen.get(url, (None, None))
        reply = self._client.get(url, validators=validators, per_second=self._per_second)
        if reply.missing:
            raise unknown(self.name, ticker)
        if reply.not_modified and before:
            return before
        if reply.validators:
            self._seen[url] = (reply.validators, reply)
        return reply


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _items(root: Element) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) in ITEMS)


def _words(item: Element, *names: str) -> str:
    """Return the first non-empty text of a child in `names`, by order of `names`, without markup, on one line."""
    for name in names:
        for child in item:
            if _local(child) == name and (text := _without_markup("".join(child.itertext()))):
                return text
    return ""


def _story(source: str, ticker: str, item: Element) -> VendorRow:
    published = _published(item)
    title = _words(item, "title", *SUMMARIES)
    if not title:
        raise InvalidData(source, None, "an item has neither a title nor a description")
    whole_day = published is not None and published.time() == time.min
    return news_row(
        ticker,
        published,
        title,
        summary=_words(item, *SUMMARIES),
        source=_words(item, "source") or source,
        url=_link(item),
        precision="day" if whole_day else "second",
    )


def _link(item: Element) -> str:
    for child in item:
        if _local(child) == "link" and child.get("rel", "alternate") == "alternate":
            return (child.get("href") or child.text or "").strip()
    return ""


def _published(item: Element) -> datetime | None:
    """Return the publication time of an item, or None if it has none or it cannot be parsed."""
    text = _words(item, *DATES)
    if timestamp := http_date(text):
        return timestamp
    try:
        timestamp = datetime.fromisoformat(text)
        return (timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        """Collect the text between the tags."""
        self.parts.append(data)


def _without_markup(text: str) -> str:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return " ".join(" ".join(parser.parts).split())
