"""All figures of one track, from its arrays: the entries of an experiment's metrics."""

from dataclasses import dataclass

import numpy as np

from .drawdown import max_drawdown
from .published_ratios import stockbench_sortino
from .ratios import Downside, calmar_ratio, sharpe_ratio, sortino_ratio
from .relative import information_ratio, market_model
from .returns import (
    SESSIONS_A_YEAR,
    Floats,
    annual_return,
    hit_rate,
    profit_factor,
    simple_returns,
    total_return,
    volatility,
)
from .tail_risk import expected_shortfall, expectile
from .trading_activity import average_exposure, cost_breakdown, turnover

RUIN = 1e-9
"""The share of the first equity at and below which an account has lost everything, so that returns say nothing."""


@dataclass(frozen=True, slots=True)
class Track:
    """The sessions of one account, in one currency.

    Attributes:
        equity: after trading costs; the first element is before the first session, the others at the session closes.
        costs: commission, slippage and borrow of each session.
        token_costs: cost of model calls of each session.
        traded: absolute value of all fills of each session.
        long, short: values of long and short positions at each close, both positive numbers.
        benchmark: returns of the benchmark of each session; None without a benchmark.
    """

    equity: Floats
    costs: Floats
    token_costs: Floats
    traded: Floats
    long: Floats
    short: Floats
    benchmark: Floats | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless all arrays have the same sessions and all equity is finite."""
        series = (self.costs, self.token_costs, self.traded, self.long, self.short, self.benchmark)
        lengths = {len(each) for each in series if each is not None}
        if lengths != {len(self.equity) - 1}:
            raise ValueError("a track needs equity before the first session and one element a session in every array")
        if not np.isfinite(self.equity).all():
            raise ValueError("a track needs finite equity")


@dataclass(frozen=True, slots=True)
class TrackFigures:
    """Figures of one track; None where a figure has no defined value. The functions of the same names give formulas.

    Attributes:
        sessions: number of sessions; all other figures are about these.
        ruined: whether equity fell to RUIN times its start or less; then only `sessions`, `total_return` and the
            drawdown are given.
        total_return, annual_return, volatility, sharpe, sortino, calmar: of returns net of trading costs.
        sortino_losses: the Sortino ratio with the standard deviation of losses.
        sortino_stockbench: not annualised, as StockBench computes it.
        gross_return, return_after_tokens: total returns before trading costs, and after trading and token costs.
        tokens_bps: token costs a year in basis points of mean equity.
        sharpe_after_tokens: of returns after trading and token costs.
        max_drawdown, longest_drawdown: largest fall as a fraction, 0 or negative; sessions below an earlier peak.
        shortfall, expectile: of session returns, at 5 %.
        hit_rate, profit_factor: of session returns and of session profits.
        turnover: a year, two-sided.
        gross_exposure, net_exposure, time_in_market: means over sessions.
        alpha, beta, information_ratio: relative to the benchmark; None without one.
    """

    sessions: int
    ruined: bool
    total_return: float
    max_drawdown: float
    longest_drawdown: int
    annual_return: float | None = None
    volatility: float | None = None
    sharpe: float | None = None
    sortino: float | None = None
    sortino_losses: float | None = None
    sortino_stockbench: float | None = None
    calmar: float | None = None
    gross_return: float | None = None
    return_after_tokens: float | None = None
    tokens_bps: float | None = None
    sharpe_after_tokens: float | None = None
    shortfall: float | None = None
    expectile: float | None = None
    hit_rate: float | None = None
    profit_factor: float | None = None
    turnover: float | None = None
    gross_exposure: float | None = None
    net_exposure: float | None = None
    time_in_market: float | None = None
    alpha: float | None = None
    beta: float | None = None
    information_ratio: float | None = None


def track_figures(track: Track, periods_a_year: float = SESSIONS_A_YEAR) -> TrackFigures:
    """Return all figures of a track. Raises ValueError unless equity begins positive."""
    equity = track.equity
    drawdown, total = max_drawdown(equity), float(equity[-1] / equity[0] - 1)
    if (equity <= RUIN * equity[0]).any():
        return TrackFigures(len(equity) - 1, True, total, drawdown.depth, drawdown.longest)
    returns = simple_returns(equity)
    costs = cost_breakdown(equity, track.costs, track.token_costs, periods_a_year)
    after_tokens = returns - track.token_costs / equity[:-1]
    exposure = average_exposure(track.long, track.short, equity[1:])
    benchmark = track.benchmark
    line = None if benchmark is None else market_model(returns, benchmark, periods_a_year)
    return TrackFigures(
        sessions=len(returns),
        ruined=False,
        total_return=total_return(returns),
        max_drawdown=drawdown.depth,
        longest_drawdown=drawdown.longest,
        annual_return=annual_return(returns, periods_a_year),
        volatility=volatility(returns, periods_a_year),
        sharpe=sharpe_ratio(returns, periods_a_year),
        sortino=sortino_ratio(returns, Downside.SEMIDEVIATION, periods_a_year),
        sortino_losses=sortino_ratio(returns, Downside.LOSSES, periods_a_year),
        sortino_stockbench=stockbench_sortino(returns),
        calmar=calmar_ratio(returns, periods_a_year),
        gross_return=costs.gross,
        return_after_tokens=costs.net_of_tokens,
        tokens_bps=costs.tokens_bps,
        sharpe_after_tokens=sharpe_ratio(after_tokens, periods_a_year),
        shortfall=expected_shortfall(returns),
        expectile=expectile(returns),
        hit_rate=hit_rate(returns),
        profit_factor=profit_factor(np.diff(equity)),
        turnover=turnover(track.traded, equity[:-1], periods_a_year),
        gross_exposure=exposure.gross if exposure else None,
        net_exposure=exposure.net if exposure else None,
        time_in_market=exposure.time_in_market if exposure else None,
        alpha=line.alpha if line else None,
        beta=line.beta if line else None,
        information_ratio=None if benchmark is None else information_ratio(returns, benchmark, periods_a_year),
    )
