"""Returns of an equity curve, and what they add up to."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SESSIONS_A_YEAR = 252


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


def annual_return(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float:
    """Return the compounded return a year: (1 + total) ** (periods a year / periods) - 1; nan without returns."""
    if not len(returns):
        return math.nan
    whole = 1 + total_return(returns)
    return float(whole ** (periods_a_year / len(returns)) - 1) if whole > 0 else -1.0


def volatility(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float:
    """Return the sample standard deviation times sqrt(periods a year); nan with fewer than two returns."""
    return math.nan if len(returns) < 2 else float(returns.std(ddof=1) * math.sqrt(periods_a_year))


def expected_shortfall(returns: Floats, level: float = 0.05) -> float:
    """Return the mean of the worst ceil(level * n) returns, a negative number for losses; nan without returns.

    The historical conditional value at risk of Rockafellar & Uryasev, Journal of Risk 2 (2000).
    """
    if not len(returns):
        return math.nan
    return float(np.sort(returns)[: max(1, math.ceil(level * len(returns)))].mean())


def hit_rate(returns: Floats) -> float:
    """Return the share of positive returns among those that are not zero; nan where all are zero."""
    moved = returns[returns != 0]
    return float((moved > 0).mean()) if len(moved) else math.nan


def profit_factor(profits: Floats) -> float:
    """Return the sum of gains over the sum of losses; inf without losses, nan without either."""
    gained, lost = float(profits[profits > 0].sum()), -float(profits[profits < 0].sum())
    if lost:
        return gained / lost
    return math.inf if gained else math.nan
