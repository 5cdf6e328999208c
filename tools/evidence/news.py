"""News evidence: quoted headlines. Their text is untrusted data, not instructions."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import NewsItem
from ...market.text import one_line, truncate
from ...market.view import MarketView
from ..news.deduplication import Story
from ..news.selection import rank_news, select_news
from .builder import EvidenceBuilder, SourceTable

DAYS = 30
MOST_ITEMS = 8
LONGEST_TEXT = 300
SHORTEST_HASH = 8


def news_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return at most 8 stories of the last 30 days, newest first; may be empty."""
    return recent_news(view, symbol, days=DAYS)


def recent_news(view: MarketView, symbol: Symbol, *, days: int) -> tuple[Evidence, ...]:
    """Return at most 8 stories of the last `days` calendar days, newest first; may be empty."""
    newest = rank_news(selected_stories(view, symbol, days), MOST_ITEMS)
    builder = EvidenceBuilder(view, EvidenceKind.NEWS, SourceTable.NEWS)
    names = _names([story.first for story in newest])
    return tuple(
        builder.for_table(story.first).text(name, story.known_at, _text(story))
        for name, story in zip(names, newest, strict=True)
    )


def selected_stories(view: MarketView, symbol: Symbol, days: int) -> tuple[Story, ...]:
    """Return the stories of the last `days` calendar days, in the order in which they became known."""
    items = view.news(symbol, days=days)
    return view.derived(("stories", symbol, days), items, lambda: select_news(items))


@lru_cache(maxsize=4096)
def _text(story: Story) -> str:
    item, sources = story.first, f" (told by {story.sources} sources)" if story.sources > 1 else ""
    title, summary = one_line(item.title).replace('"', "'"), one_line(item.summary)
    text = f'{item.published_at:%Y-%m-%d}{sources} "{title}"'
    return truncate(text if not summary or summary == one_line(item.title) else f"{text} - {summary}", LONGEST_TEXT)


def _names(items: Sequence[NewsItem]) -> list[str]:
    """Return an id for each item from its hash, with more digits only where short hashes collide."""
    digests = [_digest(item) for item in items]
    return [f"news.{_apart(digest, [other for other in digests if other != digest])}" for digest in digests]


def _digest(item: NewsItem) -> str:
    identity = "\n".join((item.symbol, item.published_at.isoformat(), item.title))
    return sha256(identity.encode(errors="backslashreplace")).hexdigest()


def _apart(digest: str, others: Sequence[str]) -> str:
    length = SHORTEST_HASH
    while any(other.startswith(digest[:length]) for other in others):
        length += 1
    return digest[:length]
