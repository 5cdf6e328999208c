"""Reward for risk. A ratio without a defined value is None."""

import math
from enum import StrEnum

import numpy as np

from .drawdown import max_drawdown
from .returns import SESSIONS_A_YEAR, Floats, annual_return, defined, spread


class Downside(StrEnum):
    """Which deviation the Sortino ratio divides by."""

    SEMIDEVIATION = "semideviation"
    """sqrt(mean(min(r, 0) ** 2)) over all returns; Sortino & van der Meer, J. of Portfolio Management 17 (1991)."""

    LOSSES = "losses"
    """The population standard deviation of the negative returns alone, as several published benchmarks compute it."""


def sharpe_ratios(excess: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> Floats:
    """Return the Sharpe ratio of many series, whose last axis is time; nan marks a series without a ratio.

    The formula of `sharpe_ratio`, for resampled series. Callers must replace nan before they show a ratio.
    """
    if excess.shape[-1] < 2:
        return np.full(excess.shape[:-1], np.nan)
    deviation = excess.std(axis=-1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = np.where(deviation > 0, excess.mean(axis=-1) / deviation, np.nan) * np.sqrt(periods_a_year)
    return ratio


def sharpe_ratio(excess: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return mean / sample standard deviation (n - 1) * sqrt(periods a year) of excess returns or profits.

    Sharpe, "The Sharpe ratio", Journal of Portfolio Management 21 (1994). None where nothing varies, and with fewer
    than two periods. `periods_a_year=1` gives the ratio per period.
    """
    deviation = spread(excess)
    return defined(float(excess.mean()) / deviation * math.sqrt(periods_a_year)) if deviation else None


def sortino_ratio(
    excess: Floats, downside: Downside = Downside.SEMIDEVIATION, periods_a_year: float = SESSIONS_A_YEAR
) -> float | None:
    """Return mean / downside deviation * sqrt(periods a year) of one series.

    None without a negative return, and where the negative returns do not vary with `Downside.LOSSES`.
    """
    losses = excess[excess < 0]
    if not len(losses):
        return None
    below = math.sqrt(float((np.minimum(excess, 0) ** 2).mean()))
    deviation = spread(losses, 0) if downside is Downside.LOSSES else below
    return defined(float(excess.mean()) / deviation * math.sqrt(periods_a_year)) if deviation else None


def calmar_ratio(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return annual return over the size of the largest drawdown; None without a drawdown.

    Young, "Calmar ratio", Futures 20 (1991), here over the whole series and not over the last 36 months.
    """
    worst = max_drawdown(np.concatenate([[1.0], np.cumprod(1 + returns)])).depth
    annual = annual_return(returns, periods_a_year)
    return defined(annual / -worst) if worst and annual is not None else None
