"""Reward for risk. Arrays may hold several series: the last axis is time."""

import math
from enum import StrEnum

import numpy as np

from .drawdown import max_drawdown
from .returns import SESSIONS_A_YEAR, Floats, annual_return


class Downside(StrEnum):
    """Which deviation the Sortino ratio divides by."""

    SEMIDEVIATION = "semideviation"
    """sqrt(mean(min(r, 0) ** 2)) over all returns; Sortino & van der Meer, Journal of Portfolio Management 17."""

    LOSSES = "losses"
    """The population standard deviation of the negative returns alone, as several published benchmarks compute it."""


def sharpe_ratio(excess: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> Floats:
    """Return mean / sample standard deviation * sqrt(periods a year) of excess returns or profits.

    Sharpe, "The Sharpe ratio", Journal of Portfolio Management 21 (1994). nan where nothing varies, or with fewer than
    two periods.
    """
    if excess.shape[-1] < 2:
        return np.full(excess.shape[:-1], np.nan)
    spread = excess.std(axis=-1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = np.where(spread > 0, excess.mean(axis=-1) / spread, np.nan) * np.sqrt(periods_a_year)
    return ratio


def sortino_ratio(
    excess: Floats, downside: Downside = Downside.SEMIDEVIATION, periods_a_year: float = SESSIONS_A_YEAR
) -> float:
    """Return mean / downside deviation * sqrt(periods a year) of one series; nan where the deviation is zero."""
    losses = excess[excess < 0]
    if not len(losses):
        return math.nan
    below = np.minimum(excess, 0)
    spread = float(losses.std()) if downside is Downside.LOSSES else math.sqrt(float((below**2).mean()))
    return float(excess.mean()) / spread * math.sqrt(periods_a_year) if spread > 0 else math.nan


def calmar_ratio(returns: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float:
    """Return annual return over the size of the largest drawdown; nan without a drawdown.

    Young, "Calmar ratio", Futures 20 (1991), here over the whole series and not over the last 36 months.
    """
    worst = max_drawdown(np.concatenate([[1.0], np.cumprod(1 + returns)])).depth
    return annual_return(returns, periods_a_year) / -worst if worst else math.nan
