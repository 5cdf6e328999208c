"""Portfolios by their weights (extra `portfolio`): skfolio computes the weights, the account trades to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from ...domain.decision import Decision
from ...domain.errors import ConfigError, DataError
from ...domain.ids import Symbol
from ...market.adjustment import Floats
from ...market.price_history import load_price_history
from ...market.source import MarketSource
from ...market.view import MarketView
from ..decision import DecisionRequest
from .signal_strategy import BASIS, rebalanced

LOOKBACK, LEAST = 252, 60
"""Sessions of returns that weights are computed from, and the fewest that a symbol needs."""


class PortfolioMethod(StrEnum):
    """How the weights are found: long only, with a sum of 1."""

    MINIMUM_VARIANCE = "minimum_variance"
    """Markowitz, Journal of Finance 7 (1952)."""

    HIERARCHICAL_RISK_PARITY = "hierarchical_risk_parity"
    """Lopez de Prado, Journal of Portfolio Management 42 (2016)."""

    MAXIMUM_SHARPE = "maximum_sharpe"
    """The tangency portfolio of the sample means and covariances."""


@dataclass(frozen=True, slots=True)
class WeightedPortfolio:
    """Holds each symbol at its weight of equity, computed anew at every decision from the last LOOKBACK returns.

    A symbol with fewer than LEAST returns is not held; a single one is held whole.
    """

    method: PortfolioMethod
    source: MarketSource
    symbols: tuple[Symbol, ...]
    reserve_bps: int = 0
    _weights: dict[datetime, Mapping[Symbol, Decimal]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.method)

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Trade to the symbol's weight."""
        if request.as_of not in self._weights:
            self._weights.clear()
            self._weights[request.as_of] = self._computed(request.as_of)
        share = self._weights[request.as_of].get(request.ticker, Decimal(0))
        return rebalanced(self.name, self.source, request, share, self.reserve_bps)

    def _computed(self, as_of: datetime) -> Mapping[Symbol, Decimal]:
        view, known = MarketView(self.source, as_of), dict[Symbol, Floats]()
        for symbol in self.symbols:
            try:
                close = load_price_history(view, symbol).series.close
            except DataError:
                continue
            if len(close) > LEAST:
                known[symbol] = np.diff(close[-LOOKBACK - 1 :]) / close[-LOOKBACK - 1 : -1]
        if len(known) < 2:
            return dict.fromkeys(known, Decimal(1))
        shortest = min(map(len, known.values()))
        found = portfolio_weights(self.method, np.stack([returns[-shortest:] for returns in known.values()], axis=1))
        return {
            symbol: Decimal(float(weight)).quantize(BASIS, ROUND_DOWN)
            for symbol, weight in zip(known, found, strict=True)
        }


def portfolio_weights(method: PortfolioMethod, returns: Floats) -> Floats:
    """Return the weights of a portfolio from returns of shape (sessions, symbols); raises ConfigError without skfolio.

    Where the maximum Sharpe ratio has no solution, because no symbol rose, the minimum variance is used.
    """
    check_skfolio()
    models: Any = import_module("skfolio.optimization")
    if method is PortfolioMethod.HIERARCHICAL_RISK_PARITY:
        model = models.HierarchicalRiskParity()
    elif method is PortfolioMethod.MAXIMUM_SHARPE and (returns.mean(axis=0) > 0).any():
        model = models.MeanRisk(objective_function=models.ObjectiveFunction.MAXIMIZE_RATIO)
    else:
        model = models.MeanRisk()
    weights: Floats = np.clip(np.asarray(model.fit(returns).weights_, dtype=np.float64), 0.0, 1.0)
    return weights


def check_skfolio() -> None:
    """Raise ConfigError if skfolio is not installed."""
    if find_spec("skfolio") is None:
        names = ", ".join(PortfolioMethod)
        raise ConfigError(f"{names} need the extra portfolio; install it with: pip install 'openoutcry[portfolio]'")
