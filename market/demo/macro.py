"""Macro series of the demo market, with the usual names and release lags. None of them predicts returns."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ...domain.market import MacroPoint
from .earnings import month_end
from .factors import STRESS, Factors
from .random_streams import random_stream
from .timeline import Timeline

FIRST_YEAR = 2014
IMPLIED_OVER_EXPECTED = 1.3  # ratio of implied to expected volatility (variance risk premium)
SERIES = ("CPIAUCSL", "DGS10", "FEDFUNDS", "T10Y2Y", "UNRATE", "VIX")


@dataclass(frozen=True, slots=True)
class _Month:
    """State of the economy in a month: inflation in percent a year, unemployment and policy rate in percent, CPI."""

    first: date
    inflation: float
    unemployment: float
    funds: float
    prices: float


def macro(seed: int, time: Timeline, common: Factors) -> dict[str, tuple[MacroPoint, ...]]:
    """Return every series by name, each oldest first; monthly values are published after the end of the month."""
    months = tuple(_months(seed, time, common))
    return _monthly(months, time) | _rates(seed, months, time) | {"VIX": _fear(seed, time, common)}


def _fear(seed: int, time: Timeline, common: Factors) -> tuple[MacroPoint, ...]:
    """Return implied volatility in percent a year: expected volatility of the next session times a premium."""
    draws = random_stream(seed, "macro", "fear").standard_normal(len(time)).tolist()
    points, noise = list[MacroPoint](), 0.0
    for day, close, ahead, draw in zip(time.days, time.closes, common.forecast.tolist(), draws, strict=True):
        noise = 0.9 * noise + 0.02 * draw
        value = 100 * math.sqrt(252) * IMPLIED_OVER_EXPECTED * ahead * (1 + noise)
        points.append(_point("VIX", day, value, 2, close + timedelta(minutes=20)))
    return tuple(points)


def _point(series: str, period: date, value: float, digits: int, known_at: datetime) -> MacroPoint:
    rounded = Decimal(round(value * 10**digits)).scaleb(-digits)
    return MacroPoint(series=series, period=period, value=rounded, known_at=known_at)


def _months(seed: int, time: Timeline, common: Factors) -> Iterator[_Month]:
    """Yield the months that ended before the last session; sessions of market stress raise unemployment."""
    last = time.days[-1]
    count = 12 * (last.year - FIRST_YEAR) + last.month - 1
    draws = random_stream(seed, "macro", "monthly").standard_normal((count, 4)).tolist()
    inflation, unemployment, funds, prices = 2.1, 4.9, 0.9, 236.0
    for m, (z_prices, z_jobs, z_funds, z_index) in enumerate(draws):
        first = month_end(FIRST_YEAR, m + 1).replace(day=1)
        spell = common.regime[time.place(first) : time.place(month_end(FIRST_YEAR, m + 1) + timedelta(days=1))]
        stress = float((spell == STRESS).mean()) if len(spell) else 0.0
        inflation += 0.05 * (2.3 - inflation) + 0.2 * z_prices
        unemployment = max(2.8, unemployment + 0.04 * (4.5 - unemployment) + 0.07 * z_jobs + 0.3 * stress)
        target = 1.0 + 1.2 * inflation - 0.7 * (unemployment - 4.5)
        funds = max(0.06, funds + 0.06 * (target - funds) + 0.03 * z_funds)
        prices *= 1 + inflation / 1200 + 0.0004 * z_index
        yield _Month(first, inflation, unemployment, funds, prices)


def _monthly(months: tuple[_Month, ...], time: Timeline) -> dict[str, tuple[MacroPoint, ...]]:
    found: dict[str, list[MacroPoint]] = {"CPIAUCSL": [], "UNRATE": [], "FEDFUNDS": []}
    for month in months:
        after = month_end(month.first.year, month.first.month) + timedelta(days=1)
        friday = after + timedelta(days=(4 - after.weekday()) % 7)
        rows = (
            ("CPIAUCSL", month.prices, 3, after.replace(day=12)),
            ("UNRATE", month.unemployment, 1, friday),
            ("FEDFUNDS", month.funds, 2, after),
        )
        for series, value, digits, day in rows:
            found[series].append(_point(series, month.first, value, digits, _morning(time, day)))
    return {series: tuple(points) for series, points in found.items()}


def _rates(seed: int, months: tuple[_Month, ...], time: Timeline) -> dict[str, tuple[MacroPoint, ...]]:
    """Return the ten-year yield and its spread over two years; both revert towards the last known policy rate."""
    draws = random_stream(seed, "macro", "rates").standard_normal((len(time), 2)).tolist()
    ten, two, at = 2.2, 1.1, 0
    long: list[MacroPoint] = []
    slope: list[MacroPoint] = []
    for day, (level, tilt) in zip(time.days, draws, strict=True):
        while at + 1 < len(months) and month_end(months[at + 1].first.year, months[at + 1].first.month) < day:
            at += 1
        funds = months[at].funds
        ten = max(0.3, ten + 0.004 * (0.6 * funds + 2.1 - ten) + 0.045 * level)
        two = max(0.1, two + 0.010 * (funds + 0.3 - two) + 0.040 * (0.75 * level + 0.66 * tilt))
        known = _morning(time, time.calendar.next(day))
        long.append(_point("DGS10", day, ten, 2, known))
        slope.append(_point("T10Y2Y", day, ten - two, 2, known))
    return {"DGS10": tuple(long), "T10Y2Y": tuple(slope)}


def _morning(time: Timeline, day: date) -> datetime:
    """Return the time one hour before the open of the first session on or after `day` (8:30 in New York)."""
    return time.calendar.open(time.session_from(day)) - timedelta(hours=1)
