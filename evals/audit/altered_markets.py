"""Markets that differ from another one in a known way: a spoilt future, reversed evidence, news of other symbols."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from math import prod
from typing import Protocol, Self, TypeVar

from ...domain.ids import Symbol
from ...domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
)
from ...market.delegating_source import DelegatingSource
from ...market.source import MarketSource

SPOILT = Decimal("7.31")
"""Factor of prices in a spoilt future."""

TICK = Decimal("0.0001")


class _Known(Protocol):
    @property
    def known_at(self) -> datetime: ...


K = TypeVar("K", bound=_Known)


class SpoiltFuture(DelegatingSource):
    """The same market up to `as_of`; later bars have other prices, and every other later fact is deleted."""

    def __init__(self, inner: MarketSource, as_of: datetime) -> None:
        super().__init__(inner)
        self._as_of = as_of

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        bars = self.inner.bars(symbol, interval, until=until, count=count)
        return tuple(bar if bar.known_at <= self._as_of else _spoilt(bar) for bar in bars)

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return self._past(self.inner.splits(symbol, until=until))

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return self._past(self.inner.dividends(symbol, until=until))

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return self._past(self.inner.news(symbol, since=since, until=until))

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self._past(self.inner.filings(symbol, until=until))

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        return self._past(self.inner.filing_texts(symbol, until=until))

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        return self._past(self.inner.insider_trades(symbol, until=until))

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        return self.inner.profile(symbol, until=min(until, self._as_of))

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return self._past(self.inner.macro(series, until=until, count=count))

    def _past(self, facts: Sequence[K]) -> tuple[K, ...]:
        return tuple(fact for fact in facts if fact.known_at <= self._as_of)


def _spoilt(bar: Bar) -> Bar:
    return replace(bar, **{name: getattr(bar, name) * SPOILT for name in ("open", "high", "low", "close")})


OPPOSITES = (
    ("beats", "misses"), ("beat", "miss"), ("rises", "falls"), ("rise", "fall"), ("rose", "fell"), ("up", "down"),
    ("gains", "losses"), ("gain", "loss"), ("profit", "loss"), ("growth", "decline"), ("surges", "plunges"),
    ("surge", "plunge"), ("soars", "slumps"), ("raises", "cuts"), ("raised", "cut"), ("upgrade", "downgrade"),
    ("upgrades", "downgrades"), ("upgraded", "downgraded"), ("strong", "weak"), ("stronger", "weaker"),
    ("record", "worst"), ("wins", "loses"), ("approval", "rejection"), ("above", "below"), ("higher", "lower"),
    ("expands", "shrinks"), ("success", "failure"), ("positive", "negative"), ("good", "bad"), ("better", "worse"),
    ("buy", "sell"), ("bullish", "bearish"), ("outperform", "underperform"), ("award", "lawsuit"),
)  # fmt: skip
_SWAPPED = {word: other for one, two in reversed(OPPOSITES) for word, other in ((one, two), (two, one))}
_WORD = re.compile(r"[A-Za-z]+")


def reversed_text(text: str) -> str:
    """Return a text in which words of good and of bad news are exchanged."""

    def exchanged(match: re.Match[str]) -> str:
        other = _SWAPPED.get(match[0].lower(), match[0])
        return other.capitalize() if match[0][0].isupper() else other

    return _WORD.sub(exchanged, text)


class ReversedMarket(DelegatingSource):
    """The market with its evidence reversed: gains are losses of the same size, good news are bad news.

    With c the last close known at `until` and f the factor of later splits, a price p becomes c^2 f^2 / p, so that
    the last close stays as it is. High and low exchange places. Filings are unchanged.
    """

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        bars = self.inner.bars(symbol, interval, until=until, count=count)
        if not bars:
            return bars
        anchor, splits = bars[-1].close, self.inner.splits(symbol, until=until)
        return tuple(_mirrored(bar, anchor, _later(splits, bar)) for bar in bars)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        items = self.inner.news(symbol, since=since, until=until)
        return tuple(
            replace(each, title=reversed_text(each.title), summary=reversed_text(each.summary)) for each in items
        )


def _later(splits: Sequence[Split], bar: Bar) -> Decimal:
    return prod((each.ratio for each in splits if each.ex_date > bar.session), start=Decimal(1))


def _mirrored(bar: Bar, anchor: Decimal, factor: Decimal) -> Bar:
    def price(value: Decimal) -> Decimal:
        return max(TICK, (anchor * anchor * factor * factor / value).quantize(TICK))

    return replace(bar, open=price(bar.open), high=price(bar.low), low=price(bar.high), close=price(bar.close))


class ShuffledNews(DelegatingSource):
    """The market in which each symbol has the news of another one, under its own symbol."""

    def __init__(self, inner: MarketSource, others: Mapping[Symbol, Symbol]) -> None:
        super().__init__(inner)
        self._others = others

    @classmethod
    def rotated(cls, inner: MarketSource, symbols: Sequence[Symbol]) -> Self:
        """Return the market in which each of `symbols` has the news of the one half the list away."""
        step = max(1, len(symbols) // 2)
        return cls(inner, {each: symbols[(place + step) % len(symbols)] for place, each in enumerate(symbols)})

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        items = self.inner.news(self._others.get(symbol, symbol), since=since, until=until)
        return tuple(replace(each, symbol=symbol) for each in items)
