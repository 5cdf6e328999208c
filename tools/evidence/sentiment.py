"""Sentiment evidence: tone of recent headlines by word lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import NewsItem
from ...market.view import MarketView
from ..news.finance_lexicon import has_tone, lexicon_score
from ..news.vader import has_vader_tone, vader_score
from .builder import EvidenceBuilder, SourceTable
from .news import selected_stories

LOOK_BACK = 90
"""Calendar days of news: 60 for the baseline, and the last five sessions including holidays."""
USUAL = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class _WordList:
    """A word list: its name, its score of a text, and whether any of its words occurs in a text."""

    name: str
    score: Callable[[str], float]
    occurs: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Score:
    """A mean tone by the word list `source`; None if no word of the list occurs."""

    source: str
    value: float | None


FINANCE = _WordList("a word list", lexicon_score, has_tone)
VADER = _WordList("VADER", vader_score, has_vader_tone)


def sentiment_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the sent.* evidence of `symbol`; empty without news in the last 30 days."""
    stories = [story.first for story in selected_stories(view, symbol, LOOK_BACK)]
    month = _since(stories, view.as_of - timedelta(days=30))
    week = _since(stories, view.as_of - timedelta(days=7))
    if not month:
        return ()
    builder = EvidenceBuilder(view, EvidenceKind.SENTIMENT, SourceTable.NEWS).for_table(*month)
    known_at, now = _latest(month), view.as_of
    return (
        *_tone(builder, "sent.score7", known_at, "7 days, half-life 3", _score(week, now, half_life=3)),
        *_tone(builder, "sent.score30", known_at, "30 days, half-life 10", _score(month, now, half_life=10)),
        *_tone(builder, "sent.vader30", known_at, "30 days, half-life 10", _score(month, now, half_life=10, by=VADER)),
        *builder.number("sent.count30", known_at, "{:.0f} news items in 30 days", len(month)),
        *_sentiment_change(builder, symbol, stories),
    )


def _tone(
    builder: EvidenceBuilder, name: str, known_at: datetime, span: str, score: _Score | None
) -> tuple[Evidence, ...]:
    """Return the tone of a span of days; without a value if no word of the list occurs, empty without news."""
    if score is None:
        return ()
    about = f"(-1 bad to 1 good, by {score.source})"
    if score.value is None:
        wording = f"tone of the news of {span} n/a: no headline has a word of the list {about}"
        return (builder.text(name, known_at, wording),)
    return builder.number(name, known_at, f"tone of the news of {span} {{:+z.2f}} {about}", score.value)


def _sentiment_change(builder: EvidenceBuilder, symbol: Symbol, stories: Sequence[NewsItem]) -> tuple[Evidence, ...]:
    recent = _since(stories, start := _five_sessions_back(builder.view, symbol))
    usual = _since([item for item in stories if item.known_at <= start], start - USUAL)
    if not any(has_tone(_words(item)) for item in (*recent, *usual)) or not recent or not usual:
        return ()
    change = _mean_tone(recent) - _mean_tone(usual)
    wording = "tone of the news of 5 sessions less that of the 60 days before {:+z.2f} (of -2 to 2)"
    return builder.number("sent.shock", _latest(recent), wording, change)


def _five_sessions_back(view: MarketView, symbol: Symbol) -> datetime:
    """Return the closing time of the session before the last five."""
    calendar, day = view.calendar(symbol), view.session(symbol)
    for _ in range(5):
        day = calendar.previous(day)
    return calendar.close(day)


def _score(items: Sequence[NewsItem], now: datetime, *, half_life: float, by: _WordList = FINANCE) -> _Score | None:
    """Return the mean tone, each item weighted by 0.5 ^ (days since it became known / half_life); None if empty.

    The value is None if no item has a word of the list.
    """
    if not items:
        return None
    weights: list[float] = [0.5 ** ((now - item.known_at) / timedelta(days=half_life)) for item in items]
    total: float = sum(weight * by.score(_words(item)) for weight, item in zip(weights, items, strict=True))
    if total == 0 and not any(by.occurs(_words(item)) for item in items):
        return _Score(by.name, None)
    return _Score(by.name, total / sum(weights))


def _mean_tone(items: Sequence[NewsItem]) -> float:
    return sum(lexicon_score(_words(item)) for item in items) / len(items)


def _words(item: NewsItem) -> str:
    return f"{item.title}. {item.summary}"


def _since(items: Sequence[NewsItem], timestamp: datetime) -> list[NewsItem]:
    return [item for item in items if item.known_at > timestamp]


def _latest(items: Sequence[NewsItem]) -> datetime:
    return max(item.known_at for item in items)
