"""Returns of an equity curve, and what they add up to. A figure without a defined value is None, never nan."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SESSIONS_A_YEAR = 252

ROUNDING = 1e-13
"""A standard deviation below this share of the largest value is rounding error: the series is constant."""


def simple_returns(equity: Sequence[float] | Floats) -> Floats:
    """Return equity[i] / equity[i - 1] - 1, one element less than `equity`.

    Raises ValueError unless every equity but the last is positive.
    """
    values = np.asarray(equity, dtype=np.float64)
    if (values[:-1] <= 0).any():
        raise ValueError("returns need positive equity")
    changes: Floats = values[1:] / values[:-1] - 1
    return changes


def total_return(returns: Floats) -> float:
    """Return the compounded return: prod(1 + r) - 1; 0 without returns."""
    return float(np.prod(1 + returns) - 1)


def annual_return(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return the compounded return a year: (1 + total) ** (periods a year / periods) - 1.

    None without returns, and where the power exceeds the range of a float. -1 after a loss of everything.
    """
    if not len(returns):
        return None
    whole = 1 + total_return(returns)
    if whole <= 0:
        return -1.0
    exponent = math.log(whole) * periods_a_year / len(returns)
    return defined(math.expm1(exponent)) if exponent < 700 else None


def volatility(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return the sample standard deviation (n - 1) times sqrt(periods a year); None with fewer than two returns."""
    return None if len(returns) < 2 else defined(float(returns.std(ddof=1) * math.sqrt(periods_a_year)))


def hit_rate(returns: Floats) -> float | None:
    """Return the share of positive returns among those that are not zero; None where all are zero."""
    moved = returns[returns != 0]
    return float((moved > 0).mean()) if len(moved) else None


def profit_factor(profits: Floats) -> float | None:
    """Return the sum of gains over the sum of losses; None without losses, whatever the gains."""
    gained, lost = float(profits[profits > 0].sum()), -float(profits[profits < 0].sum())
    return defined(gained / lost) if lost else None


def defined(value: float) -> float | None:
    """Return `value`, or None if it is infinite or not a number."""
    return float(value) if math.isfinite(value) else None


def spread(values: Floats, freedom: int = 1) -> float:
    """Return the standard deviation with divisor n - `freedom`; 0 for a constant series and for too few values.

    Differences that are only rounding errors of the largest value count as constant.
    """
    if len(values) <= freedom:
        return 0.0
    deviation = float(values.std(ddof=freedom))
    return deviation if deviation > ROUNDING * float(np.abs(values).max()) else 0.0
