"""Selection of news: deduplicated, in English, and not about other companies."""

from collections.abc import Iterable

from ...domain.market import NewsItem
from ...market.company_names import company_names
from .deduplication import Story, deduplicate
from .language import is_english
from .relevance import Relevance, relevance


def select_news(items: Iterable[NewsItem]) -> tuple[Story, ...]:
    """Return the stories of `items`, all of one symbol, in the order in which they became known.

    Stories are filtered by their first item only, so that later items do not remove a story.
    """
    return tuple(story for story in deduplicate(items) if _is_wanted(story.first))


def rank_news(stories: Iterable[Story], limit: int) -> tuple[Story, ...]:
    """Return at most `limit` stories, newest first; stories that name the company have priority.

    If the company's name is unknown, all stories have equal priority.
    """
    newest = sorted(stories, key=lambda each: (each.first.published_at, each.first.title), reverse=True)
    ranked = sorted(newest, key=_in_doubt)[:limit]
    return tuple(sorted(ranked, key=newest.index))


def _in_doubt(story: Story) -> bool:
    return bool(company_names(str(story.first.symbol))) and relevance(story.first) is not Relevance.NAMED


def _is_wanted(item: NewsItem) -> bool:
    return is_english(f"{item.title} {item.summary}") and relevance(item) is not Relevance.ELSEWHERE
