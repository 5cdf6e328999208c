"""Figures of a track relative to a benchmark on the same sessions."""

import math
from dataclasses import dataclass

import numpy as np

from .returns import ROUNDING, SESSIONS_A_YEAR, Floats, defined, spread


@dataclass(frozen=True, slots=True)
class MarketModel:
    """A line through the returns of a track against those of a benchmark.

    Attributes:
        alpha: the intercept a year, without compounding.
        beta: the slope.
    """

    alpha: float
    beta: float


def market_model(excess: Floats, benchmark: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> MarketModel | None:
    """Return alpha = periods a year * (mean(r) - beta * mean(b)) and beta = cov(r, b) / var(b), by least squares.

    Jensen, Journal of Finance 23 (1968). Both series are excess returns over cash. None with fewer than two sessions,
    and where the benchmark does not vary. Raises ValueError unless both have the same length.
    """
    _check_lengths(excess, benchmark)
    if not spread(benchmark):
        return None
    centred = benchmark - benchmark.mean()
    beta = float(centred @ excess / (centred @ centred))
    return MarketModel(float(excess.mean() - beta * benchmark.mean()) * periods_a_year, beta)


def information_ratio(returns: Floats, benchmark: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return mean / sample standard deviation * sqrt(periods a year) of returns minus the benchmark's.

    Goodwin, "The information ratio", Financial Analysts Journal 54 (1998). None where the difference does not vary,
    and with fewer than two sessions. Raises ValueError unless both have the same length.
    """
    _check_lengths(returns, benchmark)
    active = returns - benchmark
    scale = max((float(np.abs(each).max()) for each in (returns, benchmark) if len(each)), default=0.0)
    deviation = spread(active)
    if deviation <= ROUNDING * scale:
        return None
    return defined(float(active.mean()) / deviation * math.sqrt(periods_a_year))


def _check_lengths(returns: Floats, benchmark: Floats) -> None:
    if len(returns) != len(benchmark):
        raise ValueError(f"{len(returns)} returns cannot be compared with {len(benchmark)} of a benchmark")
