"""Target weights over a book from the sides of its symbols."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from ...domain.errors import ConfigError, NoData
from ...domain.ids import Symbol
from .black_litterman import posterior_returns, prior_returns
from .contest import positive_sharpe_weights
from .estimates import Vector, as_decimal, daily_returns, shrunk_covariance, shrunk_mean
from .facts import ProposalFacts
from .hrp import hrp_weights
from .quadratic import WeightBounds, best_weights
from .sizing_specs import (
    BlackLittermanSizing,
    EqualSizing,
    HrpSizing,
    MeanVarianceSizing,
    PositiveSharpeSizing,
)
from .views import SymbolView

BookSizing = EqualSizing | PositiveSharpeSizing | MeanVarianceSizing | BlackLittermanSizing | HrpSizing


def book_weights(
    views: Sequence[SymbolView], sizing: BookSizing, cap: Decimal, facts: ProposalFacts
) -> tuple[Decimal, ...]:
    """Return the signed target weight of each view, as a share of equity; `cap` is the largest size of one.

    The views take a side each: kept positions are not among them. Raises NoData for missing prices or ratios,
    ConfigError for a sizing that needs more symbols.
    """
    if not views:
        return ()
    if isinstance(sizing, EqualSizing):
        return _equal(views)
    if isinstance(sizing, PositiveSharpeSizing):
        return _positive_sharpe(views, facts)
    if isinstance(sizing, MeanVarianceSizing):
        return _mean_variance(views, sizing, float(cap), facts)
    if isinstance(sizing, BlackLittermanSizing):
        return _black_litterman(views, sizing, float(cap), facts)
    return _hierarchical(views, sizing, facts)


def _equal(views: Sequence[SymbolView]) -> tuple[Decimal, ...]:
    sides = sum(1 for view in views if view.sign)
    return tuple(Decimal(view.sign or 0) / sides if sides else Decimal(0) for view in views)


def _positive_sharpe(views: Sequence[SymbolView], facts: ProposalFacts) -> tuple[Decimal, ...]:
    known = facts.estimates.predicted_sharpe
    if missing := [view.symbol for view in views if view.symbol not in known]:
        raise NoData(f"no Sharpe ratio is predicted for {', '.join(missing)}")
    weights = positive_sharpe_weights([known[view.symbol] for view in views])
    return tuple(weight * (view.sign or 0) for weight, view in zip(weights, views, strict=True))


def _mean_variance(
    views: Sequence[SymbolView], sizing: MeanVarianceSizing, cap: float, facts: ProposalFacts
) -> tuple[Decimal, ...]:
    if len(views) < 2:
        raise ConfigError("sizing mean_variance needs at least two symbols")
    symbols = [view.symbol for view in views]
    returns = daily_returns(symbols, facts.estimates.closes, sizing.prices)
    share = float(sizing.shrinkage)
    mean = shrunk_mean(returns, share)
    if sizing.views:
        mean = mean + _expected(symbols, facts)
    low, high = (np.zeros(len(views)), np.full(len(views), cap)) if sizing.fully_invested else _bounds(views, cap)
    bounds = WeightBounds(
        low,
        high,
        total=1.0 if sizing.fully_invested else None,
        turnover=float(sizing.turnover) if sizing.turnover is not None else None,
        before=np.array([float(facts.weight(each, facts.held(each))) for each in symbols]),
    )
    found = best_weights(mean, shrunk_covariance(returns, share), float(sizing.risk_aversion), bounds)
    return tuple(map(as_decimal, found))


def _expected(symbols: Sequence[Symbol], facts: ProposalFacts) -> Vector:
    given = facts.estimates.expected_returns
    if missing := [symbol for symbol in symbols if symbol not in given]:
        raise NoData(f"no expected return is given for {', '.join(missing)}")
    return np.array([float(given[symbol]) for symbol in symbols])


def _bounds(views: Sequence[SymbolView], cap: float) -> tuple[Vector, Vector]:
    """Return [0, cap] for long, [-cap, 0] for short and 0 for flat: InvestorBench, with a cap of 1."""
    low = np.array([-cap if view.sign == -1 else 0.0 for view in views])
    high = np.array([cap if view.sign == 1 else 0.0 for view in views])
    return low, high


def _black_litterman(
    views: Sequence[SymbolView], sizing: BlackLittermanSizing, cap: float, facts: ProposalFacts
) -> tuple[Decimal, ...]:
    symbols = [view.symbol for view in views]
    returns = daily_returns(symbols, facts.estimates.closes, sizing.prices)
    covariance = shrunk_covariance(returns, float(sizing.shrinkage))
    confidence = facts.estimates.view_confidence
    sided = [place for place, view in enumerate(views) if view.sign]
    if missing := [symbols[place] for place in sided if symbols[place] not in confidence]:
        raise NoData(f"no calibrated confidence is known for {', '.join(missing)}")
    deviations = np.sqrt(np.diag(covariance))
    scale = float(sizing.view_scale)
    wanted = np.array([float(views[place].conviction) * scale * deviations[place] for place in sided])
    prior = prior_returns(covariance, _market(symbols, facts), float(sizing.risk_aversion))
    certain = [float(confidence[symbols[place]]) for place in sided]
    mean = posterior_returns(prior, covariance, np.eye(len(views))[sided], wanted, certain, float(sizing.tau))
    low, high = _bounds(views, cap)
    found = best_weights(mean, covariance, float(sizing.risk_aversion) / 2, WeightBounds(low, high))
    return tuple(map(as_decimal, found))


def _market(symbols: Sequence[Symbol], facts: ProposalFacts) -> Vector:
    given = facts.estimates.market_weights
    if not given:
        return np.full(len(symbols), 1 / len(symbols))
    if missing := [symbol for symbol in symbols if symbol not in given]:
        raise NoData(f"no market weight is given for {', '.join(missing)}")
    return np.array([float(given[symbol]) for symbol in symbols])


def _hierarchical(views: Sequence[SymbolView], sizing: HrpSizing, facts: ProposalFacts) -> tuple[Decimal, ...]:
    longs = [view.symbol for view in views if view.sign == 1]
    if not longs:
        return tuple(Decimal(0) for _ in views)
    found = hrp_weights(daily_returns(longs, facts.estimates.closes, sizing.prices))
    weights = dict(zip(longs, map(as_decimal, found), strict=True))
    return tuple(weights.get(view.symbol, Decimal(0)) for view in views)
