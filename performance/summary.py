"""The figures of one equity curve, each None where it has no defined value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .drawdown import max_drawdown
from .ratios import sharpe_ratio, sortino_ratio
from .returns import SESSIONS_A_YEAR, hit_rate, simple_returns, volatility


@dataclass(frozen=True, slots=True)
class PerformanceSummary:
    """The figures of an equity curve; None where a figure has no defined value.

    Attributes:
        total_return: last equity over first, minus 1.
        max_drawdown: the largest fall from a peak as a fraction of the peak, 0 or negative.
        longest_drawdown: the most periods in a row below an earlier peak.
        volatility: annualised; None with fewer than two periods.
        sharpe, sortino: annualised, of returns without a risk-free rate. None where returns do not vary, respectively
            where no return is negative.
        hit_rate: share of positive returns among those that are not zero; None where all are zero.
    """

    total_return: float
    max_drawdown: float
    longest_drawdown: int
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    hit_rate: float | None


def summarize(equity: Sequence[float], periods_a_year: float = SESSIONS_A_YEAR) -> PerformanceSummary:
    """Return the figures of `equity`, one element a period, the first before the first period.

    Figures of returns are None if equity was zero or negative before the last period. Raises ValueError unless equity
    begins positive.
    """
    drawdown = max_drawdown(equity)
    total = equity[-1] / equity[0] - 1
    if any(value <= 0 for value in equity[:-1]):
        return PerformanceSummary(total, drawdown.depth, drawdown.longest, None, None, None, None)
    with np.errstate(over="ignore", invalid="ignore"):  # an overflow becomes None
        returns = simple_returns(equity)
        return PerformanceSummary(
            total_return=total,
            max_drawdown=drawdown.depth,
            longest_drawdown=drawdown.longest,
            volatility=volatility(returns, periods_a_year),
            sharpe=sharpe_ratio(returns, periods_a_year),
            sortino=sortino_ratio(returns, periods_a_year=periods_a_year),
            hit_rate=hit_rate(returns),
        )
