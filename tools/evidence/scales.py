"""Prices at three scales, as the market analyst of ATLAS (arXiv 2510.15949) reads them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.adjustment import AdjustedSeries
from ...market.price_history import load_price_history
from ...market.view import MarketView
from ..numbers import plain_decimal
from .builder import EvidenceBuilder, SourceTable


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A length of periods, the calendar days that they are shown for, and the label of the period of a session."""

    name: str
    days: int
    label: Callable[[date], str]


def _week(session: date) -> str:
    """Return the ISO week, such as 2025-W26."""
    year, week, _ = session.isocalendar()
    return f"{year}-W{week:02}"


SCALES = (
    TimeScale("monthly", 730, lambda session: f"{session:%Y-%m}"),
    TimeScale("weekly", 180, _week),
    TimeScale("daily", 90, date.isoformat),
)


@dataclass(frozen=True, slots=True)
class _Period:
    label: str
    high: float
    low: float
    close: float


def scale_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return scale.monthly, scale.weekly and scale.daily (the return from the first to the last close), with closes.

    Prices are adjusted for splits and dividends. A scale with fewer than two periods is omitted. Raises NoData if the
    bars are missing or stale.
    """
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.PRICE, SourceTable.PRICES).for_table(history)
    found = list[Evidence]()
    for scale in SCALES:
        periods = _periods(history.series, scale)
        if len(periods) > 1:
            total = periods[-1].close / periods[0].close - 1
            found += builder.number(f"scale.{scale.name}", history.known_at, _summary(scale, periods), total)
            found.append(builder.text(f"scale.{scale.name}.closes", history.known_at, _closes(scale, periods)))
    return tuple(found)


def _periods(series: AdjustedSeries, scale: TimeScale) -> list[_Period]:
    """Return the periods of the last `scale.days` calendar days, oldest first; the first and last can be partial."""
    first = series.sessions[-1] - timedelta(days=scale.days)
    places = [place for place, session in enumerate(series.sessions) if session > first]
    result = []
    for label, group in groupby(places, key=lambda place: scale.label(series.sessions[place])):
        members = list(group)
        high, low = series.high[members].max(), series.low[members].min()
        result.append(_Period(label, float(high), float(low), float(series.close[members[-1]])))
    return result


def _summary(scale: TimeScale, periods: Sequence[_Period]) -> str:
    changes = [now.close / before.close - 1 for before, now in pairwise(periods)]
    rises = sum(change > 0 for change in changes)
    return (
        f"{scale.name} from {periods[0].label}: return {{:+.1%}}, {rises} of {len(changes)} up, best "
        f"{max(changes):+.1%}, worst {min(changes):+.1%}, high {max(period.high for period in periods):.4g}, low "
        f"{min(period.low for period in periods):.4g}"
    )


def _closes(scale: TimeScale, periods: Sequence[_Period]) -> str:
    closes = " ".join(f"{plain_decimal(Decimal(f'{period.close:.4g}'))}" for period in periods)
    return f"{scale.name} adjusted closes, {periods[0].label} to {periods[-1].label}, oldest first: {closes}"
