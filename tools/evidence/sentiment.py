"""Sentiment evidence: tone of recent headlines by word lists."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import NewsItem
from ...market.view import MarketView
from ..news.finance_lexicon import lexicon_score
from ..news.vader import vader_score
from .builder import EvidenceBuilder, SourceTable
from .news import selected_stories

LOOK_BACK = 90
"""Calendar days of news: 60 for the baseline, and the last five sessions including holidays."""
USUAL = timedelta(days=60)


def sentiment_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the sent.* evidence of `symbol`; empty without news in the last 30 days."""
    stories = [story.first for story in selected_stories(view, symbol, LOOK_BACK)]
    month = _since(stories, view.as_of - timedelta(days=30))
    week = _since(stories, view.as_of - timedelta(days=7))
    if not month:
        return ()
    builder = EvidenceBuilder(view, EvidenceKind.SENTIMENT, SourceTable.NEWS).for_table(*month)
    scale = "(-1 bad to 1 good, by a word list)"
    return (
        *builder.number(
            "sent.score7",
            _latest(month),
            f"tone of the news of 7 days, half-life 3 {{:+.2f}} {scale}",
            _score(week, view.as_of, half_life=3),
        ),
        *builder.number(
            "sent.score30",
            _latest(month),
            f"tone of the news of 30 days, half-life 10 {{:+.2f}} {scale}",
            _score(month, view.as_of, half_life=10),
        ),
        *builder.number(
            "sent.vader30",
            _latest(month),
            "tone of the news of 30 days, half-life 10 {:+.2f} (-1 bad to 1 good, by VADER)",
            _score(month, view.as_of, half_life=10, by=vader_score),
        ),
        *builder.number("sent.count30", _latest(month), "{:.0f} news items in 30 days", len(month)),
        *_sentiment_change(builder, symbol, stories),
    )


def _sentiment_change(builder: EvidenceBuilder, symbol: Symbol, stories: Sequence[NewsItem]) -> tuple[Evidence, ...]:
    recent = _since(stories, start := _five_sessions_back(builder.view, symbol))
    usual = _since([item for item in stories if item.known_at <= start], start - USUAL)
    if not recent or not usual:
        return ()
    change = _mean_tone(recent) - _mean_tone(usual)
    wording = "tone of the news of 5 sessions less that of the 60 days before {:+.2f} (of -2 to 2)"
    return builder.number("sent.shock", _latest(recent), wording, change)


def _five_sessions_back(view: MarketView, symbol: Symbol) -> datetime:
    """Return the closing time of the session before the last five."""
    calendar, day = view.calendar(symbol), view.session(symbol)
    for _ in range(5):
        day = calendar.previous(day)
    return calendar.close(day)


def _score(
    items: Sequence[NewsItem], now: datetime, *, half_life: float, by: Callable[[str], float] = lexicon_score
) -> float | None:
    """Return the mean tone, each item weighted by 0.5 ^ (days since it became known / half_life); None if empty."""
    weights: list[float] = [0.5 ** ((now - item.known_at) / timedelta(days=half_life)) for item in items]
    if not items:
        return None
    total: float = sum(weight * by(_words(item)) for weight, item in zip(weights, items, strict=True))
    return total / sum(weights)


def _mean_tone(items: Sequence[NewsItem]) -> float:
    return sum(lexicon_score(_words(item)) for item in items) / len(items)


def _words(item: NewsItem) -> str:
    return f"{item.title}. {item.summary}"


def _since(items: Sequence[NewsItem], timestamp: datetime) -> list[NewsItem]:
    return [item for item in items if item.known_at > timestamp]


def _latest(items: Sequence[NewsItem]) -> datetime:
    return max(item.known_at for item in items)
