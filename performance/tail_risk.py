"""Figures of the worst returns."""

import math

import numpy as np

from .returns import Floats


def expected_shortfall(returns: Floats, level: float = 0.05) -> float | None:
    """Return the mean of the worst ceil(level * n) returns, negative for losses, per period; None without returns.

    The historical conditional value at risk (CVaR) of Rockafellar & Uryasev, Journal of Risk 2 (2000). Raises
    ValueError unless 0 < level <= 1.
    """
    if not 0 < level <= 1:
        raise ValueError("the level of a shortfall is above 0 and at most 1")
    if not len(returns):
        return None
    return float(np.sort(returns)[: max(1, math.ceil(level * len(returns)))].mean())


def expectile(returns: Floats, level: float = 0.05) -> float | None:
    """Return the value e with level * mean(max(r - e, 0)) = (1 - level) * mean(max(e - r, 0)), per period.

    Newey & Powell, Econometrica 55 (1987). The expectile at 0.5 is the mean; at a low level it weighs the size of
    losses as well as their number. None without returns. Raises ValueError unless 0 < level < 1.
    """
    if not 0 < level < 1:
        raise ValueError("the level of an expectile is between 0 and 1")
    if not len(returns):
        return None
    ordered, count = np.sort(returns), len(returns)
    below = np.arange(1, count + 1)
    sums = np.cumsum(ordered)
    weights = (1 - level) * below + level * (count - below)
    candidates = ((1 - level) * sums + level * (sums[-1] - sums)) / weights
    return float(candidates[np.argmax(candidates <= np.append(ordered[1:], np.inf))])
