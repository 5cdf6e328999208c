"""Short windows of closes and headlines, as the benchmarks of trading agents show them."""

from datetime import timedelta
from decimal import Decimal

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.price_history import load_price_history
from ...market.view import MarketView
from ..numbers import plain_decimal
from .builder import EvidenceBuilder, SourceTable
from .news import recent_news

LIVE_DAYS, LIVE_HEADLINES, LIVE_NEWS_DAYS = 10, 3, 3
"""LiveTradeBench: calendar days of closes, newest headlines and their age in days."""
BENCH_SESSIONS, BENCH_HEADLINES, BENCH_NEWS_DAYS = 7, 5, 2
"""StockBench: sessions of closes, headlines and their age in days."""


def closes_of_ten_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return px.closes_10d and px.recent_10d (their return) of the 10 calendar days to the last session.

    Raises NoData without current bars.
    """
    history = load_price_history(view, symbol)
    first = history.series.sessions[-1] - timedelta(days=LIVE_DAYS - 1)
    return _closes(view, symbol, "10d", sum(session >= first for session in history.series.sessions))


def closes_of_seven_sessions(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return px.closes_7s and px.recent_7s (their return) of 7 sessions; raises NoData without current bars."""
    return _closes(view, symbol, "7s", BENCH_SESSIONS)


def headlines_of_three_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the 3 newest stories of the last 3 days; may be empty."""
    return recent_news(view, symbol, days=LIVE_NEWS_DAYS)[:LIVE_HEADLINES]


def headlines_of_two_days(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return at most 5 stories of the last 2 days; may be empty."""
    return recent_news(view, symbol, days=BENCH_NEWS_DAYS)[:BENCH_HEADLINES]


def _closes(view: MarketView, symbol: Symbol, window: str, count: int) -> tuple[Evidence, ...]:
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES).for_table(history)
    series = history.series
    shown = " ".join(f"{plain_decimal(Decimal(f'{close:.6g}'))}" for close in series.close[-count:])
    text = f"adjusted closes, {series.sessions[-count:][0]} to {series.sessions[-1]}, oldest first: {shown}"
    moved = float(series.close[-1] / series.close[-count:][0] - 1)
    recent = builder.number(f"px.recent_{window}", history.known_at, "return of these closes {:+.1%}", moved)
    return (builder.text(f"px.closes_{window}", history.known_at, text), *recent)
