"""How much a track trades and holds, and what that costs. One element a session in every array."""

from dataclasses import dataclass

import numpy as np

from .returns import SESSIONS_A_YEAR, Floats, simple_returns, total_return


@dataclass(frozen=True, slots=True)
class AverageExposure:
    """Means over sessions.

    Attributes:
        gross: of the sum of absolute position values over equity.
        net: of the sum of signed position values over equity.
        time_in_market: the share of sessions with any position.
    """

    gross: float
    net: float
    time_in_market: float


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """Total returns of one track before and after costs.

    Attributes:
        gross: before trading costs and token costs.
        net: after trading costs (commission, slippage, borrow), before token costs.
        net_of_tokens: after both.
        tokens_bps: token costs a year in basis points of mean equity; 0 without sessions.
    """

    gross: float
    net: float
    net_of_tokens: float
    tokens_bps: float


def turnover(traded: Floats, equity: Floats, periods_a_year: float = SESSIONS_A_YEAR) -> float | None:
    """Return mean(traded / equity) * periods a year; buys and sells both count (two-sided).

    DeMiguel, Garlappi & Uppal, Review of Financial Studies 22 (2009), section 2.2, annualised. `traded` is the absolute
    value of all fills of a session, `equity` the equity before it. None without sessions. Raises ValueError for equity
    that is not positive and for negative values.
    """
    _check(equity, traded)
    if (traded < 0).any():
        raise ValueError("the traded value of a session is not negative")
    return float((traded / equity).mean()) * periods_a_year if len(equity) else None


def average_exposure(long: Floats, short: Floats, equity: Floats) -> AverageExposure | None:
    """Return the mean gross and net exposure of long and short position values, both given as positive numbers.

    None without sessions. Raises ValueError for equity that is not positive and for negative values.
    """
    _check(equity, long)
    _check(equity, short)
    if (long < 0).any() or (short < 0).any():
        raise ValueError("long and short values are given as positive numbers")
    if not len(equity):
        return None
    gross = (long + short) / equity
    return AverageExposure(float(gross.mean()), float(((long - short) / equity).mean()), float((gross > 0).mean()))


def returns_before_costs(equity: Floats, costs: Floats) -> Floats:
    """Return (equity[i] + costs[i - 1]) / equity[i - 1] - 1: the returns without the costs of each session.

    `costs` has one element a return. Costs are added back in the session of the trade, without the return that they
    would have earned afterwards. Raises ValueError as `simple_returns`, and for other lengths.
    """
    _check(equity[:-1], costs)
    gross: Floats = simple_returns(equity) + costs / equity[:-1]
    return gross


def returns_after_tokens(equity: Floats, token_costs: Floats) -> Floats:
    """Return the returns minus token cost / equity before the session: model calls as a trading cost.

    `token_costs` has one element a return, in the currency of the equity. Raises ValueError as `returns_before_costs`.
    """
    return returns_before_costs(equity, -token_costs)


def cost_breakdown(
    equity: Floats, costs: Floats, token_costs: Floats, periods_a_year: float = SESSIONS_A_YEAR
) -> CostBreakdown:
    """Return compounded returns before costs, after trading costs, and after token costs too, each at least -1.

    `equity` is after trading costs and has one element more than the costs of each session. Raises ValueError as
    `returns_before_costs`.
    """
    held = equity[:-1]
    tokens = float(token_costs.sum()) / float(held.mean()) / len(held) * periods_a_year if len(held) else 0.0
    return CostBreakdown(
        gross=_compounded(returns_before_costs(equity, costs)),
        net=_compounded(simple_returns(equity)),
        net_of_tokens=_compounded(returns_after_tokens(equity, token_costs)),
        tokens_bps=tokens * 10_000,
    )


def _compounded(returns: Floats) -> float:
    return total_return(np.maximum(returns, -1))


def _check(equity: Floats, values: Floats) -> None:
    if len(equity) != len(values):
        raise ValueError(f"{len(values)} values cannot be divided by the equity of {len(equity)} sessions")
    if (equity <= 0).any():
        raise ValueError("a share of equity needs positive equity")
