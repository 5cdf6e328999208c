"""Mean and covariance of daily returns, shrunk, as arrays."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ...domain.errors import NoData
from ...domain.ids import Symbol

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def daily_returns(symbols: Sequence[Symbol], closes: Mapping[Symbol, tuple[Decimal, ...]], prices: int) -> Matrix:
    """Return the simple daily returns of the last `prices` closes: one row a session, one column a symbol.

    Raises NoData for a symbol with fewer closes, or with a close that is not above 0.
    """
    for symbol in symbols:
        if (given := len(closes.get(symbol, ()))) < prices:
            raise NoData(f"{symbol} has {given} closes, and this sizing needs {prices}")
        if any(not (each.is_finite() and each > 0) for each in closes[symbol][-prices:]):
            raise NoData(f"{symbol} has a close that is not above 0")
    table = np.array([[float(each) for each in closes[symbol][-prices:]] for symbol in symbols]).T
    return np.asarray(table[1:] / table[:-1] - 1, dtype=np.float64)


def shrunk_mean(returns: Matrix, share: float) -> Vector:
    """Return the mean by symbol, moved by `share` toward the mean over all symbols."""
    means = returns.mean(axis=0)
    return np.asarray((1 - share) * means + share * means.mean(), dtype=np.float64)


def shrunk_covariance(returns: Matrix, share: float) -> Matrix:
    """Return the sample covariance, moved by `share` toward the identity times its mean variance."""
    count = returns.shape[1]
    sample = np.cov(returns, rowvar=False, ddof=1).reshape(count, count)
    scaled = np.eye(count) * np.trace(sample) / count
    return np.asarray((1 - share) * sample + share * scaled, dtype=np.float64)


def as_decimal(value: float) -> Decimal:
    """Return a computed weight as a decimal of 12 places."""
    return Decimal(f"{value:.12f}")
