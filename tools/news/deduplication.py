"""Deduplication of news items: items of several sources about the same event become one story."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from ...domain.market import NewsItem
from ...market.text import WORD, normalized_title

WINDOW = timedelta(days=2)
SIMILARITY = 0.8
"""Minimum Jaccard similarity (Jaccard 1912) of the words of two titles with at least `MIN_WORDS` words."""
MIN_WORDS = 5
PUBLISHER = re.compile(r"(?P<title>.{15,}?)\s+(?:[-–—|]|By)\s+(?P<tail>[^-–—|]{2,40})")
DOMAIN = re.compile(r"\w\.(?:com|net|org|co|io)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Story:
    """One deduplicated story.

    Attributes:
        first: the item that became known first; it represents the story.
        sources: number of distinct sources.
        known_at: when the last counted source became known.
    """

    first: NewsItem
    sources: int
    known_at: datetime


@dataclass(slots=True)
class _Cluster:
    first: NewsItem
    title: str
    known_at: datetime
    sources: set[str] = field(default_factory=set)

    def add(self, item: NewsItem) -> None:
        """Count the source of `item`; items must be added in order of `known_at`."""
        source = item.source.casefold().strip()
        if source and source not in self.sources:
            self.sources.add(source)
            self.known_at = item.known_at


def deduplicate(items: Iterable[NewsItem]) -> tuple[Story, ...]:
    """Return the distinct stories in the order in which they became known; items without a title are ignored.

    Items with the same title are one story at any distance in time, and so are items of different sources with nearly
    the same title within two days. Items are processed in order of `known_at`, so a later item does not change an
    earlier assignment.
    """
    found: list[_Cluster] = []
    by_title: dict[str, _Cluster] = {}
    for item in sorted(items, key=lambda each: each.known_at):
        if not (title := _title(item.title, item.source)):
            continue
        cluster = by_title.get(title) or _nearly(item, title, found)
        if cluster is None:
            found.append(cluster := _Cluster(item, title, item.known_at))
        by_title.setdefault(title, cluster)
        cluster.add(item)
    return tuple(Story(each.first, max(1, len(each.sources)), each.known_at) for each in found)


def strip_publisher(title: str, source: str) -> str:
    """Return `title` without the publisher's name that some sources append."""
    while cut := PUBLISHER.fullmatch(title.strip()):
        if not DOMAIN.search(cut["tail"]) and normalized_title(cut["tail"]) not in normalized_title(source):
            break
        title = cut["title"]
    return title


@lru_cache(maxsize=65_536)
def is_near_duplicate(one: str, other: str) -> bool:
    """Return whether two normalized titles are nearly the same and contain exactly the same numbers."""
    words, others = _words(one), _words(other)
    if min(len(words), len(others)) < MIN_WORDS or _numbers(one) != _numbers(other):
        return False
    return len(words & others) >= SIMILARITY * len(words | others)


@lru_cache(maxsize=65_536)
def _title(title: str, source: str) -> str:
    return normalized_title(strip_publisher(title, source))


def _nearly(item: NewsItem, title: str, found: Sequence[_Cluster]) -> _Cluster | None:
    """Return the latest story of another source with nearly the same title within WINDOW, or None."""
    for cluster in reversed(found):
        if item.known_at - cluster.first.known_at > WINDOW:
            return None
        if item.source != cluster.first.source and is_near_duplicate(title, cluster.title):
            return cluster
    return None


@lru_cache(maxsize=65_536)
def _words(title: str) -> frozenset[str]:
    return frozenset(WORD.findall(title))


@lru_cache(maxsize=65_536)
def _numbers(title: str) -> frozenset[str]:
    return frozenset(word for word in _words(title) if any(sign.isdigit() for sign in word))
