"""Headlines become stories: what several sources told is one, as it was first told."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from ...domain.market import NewsItem
from ...market.text import WORD, normalized_title

WINDOW = timedelta(days=2)
SIMILARITY = 0.8
"""Share of words that two titles of at least `FEWEST` words must have in common (Jaccard 1912)."""
MIN_WORDS = 5
PUBLISHER = re.compile(r"(?P<title>.{15,}?)\s+(?:[-–—|]|By)\s+(?P<tail>[^-–—|]{2,40})")
DOMAIN = re.compile(r"\w\.(?:com|net|org|co|io)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Story:
    """One story, and the number of its sources.

    Attributes:
        first: the item that became known first; the story is as it tells it.
        sources: how many sources told it.
        known_at: since when all of that is known, the number included.
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
        """Count the source of `item`, which is not known before what was counted already."""
        source = item.source.casefold().strip()
        if source and source not in self.sources:
            self.sources.add(source)
            self.known_at = item.known_at


def deduplicate(items: Iterable[NewsItem]) -> tuple[Story, ...]:
    """Return each story once, in the order in which they became known; items without a title are left out.

    The same words at any distance are one story, and so are nearly the same words of another source within two days.
    Items are taken as they became known, so an item never changes what was a story before it.
    """
    found: list[_Cluster] = []
    by_title: dict[str, _Cluster] = {}
    for item in sorted(items, key=lambda each: each.known_at):
        if not (title := _title(item.title, item.source)):
            continue
        told = by_title.get(title) or _nearly(item, title, found)
        if told is None:
            found.append(told := _Cluster(item, title, item.known_at))
        by_title.setdefault(title, told)
        told.add(item)
    return tuple(Story(told.first, max(1, len(told.sources)), told.known_at) for told in found)


def strip_publisher(title: str, source: str) -> str:
    """Return `title` without the name of its publisher, which some sources write at the end of it."""
    while cut := PUBLISHER.fullmatch(title.strip()):
        if not DOMAIN.search(cut["tail"]) and normalized_title(cut["tail"]) not in normalized_title(source):
            break
        title = cut["title"]
    return title


def is_near_duplicate(one: str, other: str) -> bool:
    """Say whether two titles (as `story` writes them) are nearly the same, their numbers being exactly so."""
    words, others = _words(one), _words(other)
    if min(len(words), len(others)) < MIN_WORDS or _numbers(words) != _numbers(others):
        return False
    return len(words & others) >= SIMILARITY * len(words | others)


@lru_cache(maxsize=65_536)
def _title(title: str, source: str) -> str:
    return normalized_title(strip_publisher(title, source))


def _nearly(item: NewsItem, title: str, found: Sequence[_Cluster]) -> _Cluster | None:
    """Return the latest story that another source told in nearly the same words, not long before."""
    for told in reversed(found):
        if item.known_at - told.first.known_at > WINDOW:
            return None
        if item.source != told.first.source and is_near_duplicate(title, told.title):
            return told
    return None


@lru_cache(maxsize=65_536)
def _words(title: str) -> frozenset[str]:
    return frozenset(WORD.findall(title))


def _numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if any(sign.isdigit() for sign in word))
