"""Ratios as published benchmarks compute them, for comparison with their tables alone."""

from dataclasses import dataclass

import numpy as np

from .returns import SESSIONS_A_YEAR, Floats, defined, spread


def stockbench_sortino(returns: Floats) -> float | None:
    """Return mean(r) / std(r given r < 0) per session, not annualised, with a first return of 0 in the mean.

    `returns` begins with the return of the second session; the 0 of the first is added here. The deviation is the
    sample standard deviation (n - 1) of the negative returns around their own mean. The definition of StockBench
    (2025). None with fewer than two negative returns, and where these do not vary.
    """
    deviation = spread(returns[returns < 0])
    return defined(float(returns.sum()) / (len(returns) + 1) / deviation) if deviation else None


@dataclass(frozen=True, slots=True)
class InvestorBenchFigures:
    """Figures of one asset as InvestorBench defines them.

    Attributes:
        cumulative_return: the sum of position * log return.
        annual_volatility: the sample standard deviation of position * log return times sqrt(sessions a year).
        sharpe: cumulative return / (prices / sessions a year) / annual volatility; None where nothing varies.
        sharpe_not_annualised: cumulative return / annual volatility, which depends on the length of the window; None
            where nothing varies.
    """

    cumulative_return: float
    annual_volatility: float | None
    sharpe: float | None
    sharpe_not_annualised: float | None


def investorbench_figures(
    prices: Floats, positions: Floats, sessions_a_year: float = SESSIONS_A_YEAR
) -> InvestorBenchFigures:
    """Return the figures of `positions` in {-1, 0, 1}, each held from its price to the next price.

    The formulas of the evaluation code of InvestorBench (Li et al. 2024). A position at the last price has no effect.
    Raises ValueError unless all prices are positive and there is one position a price.
    """
    if len(prices) != len(positions) or (prices <= 0).any():
        raise ValueError("InvestorBench figures need positive prices and one position a price")
    rewards = positions[:-1] * np.diff(np.log(prices))
    total = float(rewards.sum())
    if len(rewards) < 2:
        return InvestorBenchFigures(total, None, None, None)
    annual = spread(rewards) * sessions_a_year**0.5
    if not annual:
        return InvestorBenchFigures(total, 0.0, None, None)
    return InvestorBenchFigures(total, annual, total / (len(prices) / sessions_a_year) / annual, total / annual)
