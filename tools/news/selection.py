"""The news that the desk reads: each story once, in English, and not about another company."""

from collections.abc import Iterable

from ...domain.market import NewsItem
from ...market.company_names import company_names
from .deduplication import Story, deduplicate
from .language import is_english
from .relevance import Relevance, relevance


def select_news(items: Iterable[NewsItem]) -> tuple[Story, ...]:
    """Return the stories of `items`, all of one symbol, in the order in which they became known.

    What is left out is so by the first telling alone, so that a story once shown does not vanish.
    """
    return tuple(told for told in deduplicate(items) if _is_wanted(told.first))


def rank_news(told: Iterable[Story], limit: int) -> tuple[Story, ...]:
    """Return at most `most` stories, newest first: those that name the company, then others where there is room.

    Where the company's name is not known, all are alike.
    """
    newest = sorted(told, key=lambda each: (each.first.published_at, each.first.title), reverse=True)
    ranked = sorted(newest, key=_in_doubt)[:limit]
    return tuple(sorted(ranked, key=newest.index))


def _in_doubt(told: Story) -> bool:
    return bool(company_names(str(told.first.symbol))) and relevance(told.first) is not Relevance.NAMED


def _is_wanted(item: NewsItem) -> bool:
    return is_english(f"{item.title} {item.summary}") and relevance(item) is not Relevance.ELSEWHERE
