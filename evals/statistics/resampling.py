"""Places that a block bootstrap draws from a series, and percentile intervals of any figure of several series."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...performance.returns import Floats

Integers = NDArray[np.int64]


def circular_places(length: int, block: int, draws: int, chance: np.random.Generator) -> Integers:
    """Return places (draws, length) in blocks of fixed length that continue at the start after the end.

    The circular block bootstrap of Politis & Romano, in "Exploring the limits of bootstrap" (1992).
    """
    first = chance.integers(length, size=(draws, -(-length // block), 1))
    whole: Integers = (first + np.arange(block)) % length
    return whole.reshape(draws, -1)[:, :length]


def stationary_places(length: int, block: float, draws: int, chance: np.random.Generator) -> Integers:
    """Return places (draws, length) in blocks of random, geometric length with mean `block`.

    The stationary bootstrap of Politis & Romano, Journal of the American Statistical Association 89 (1994).
    """
    restarts = chance.random((draws, length)) < 1 / max(block, 1.0)
    restarts[:, 0] = True
    begun = np.maximum.accumulate(np.where(restarts, np.arange(length), 0), axis=1)
    starts = chance.integers(length, size=(draws, length))
    places: Integers = (np.take_along_axis(starts, begun, axis=1) + np.arange(length) - begun) % length
    return places


def percentiles(drawn: Floats, confidence: float) -> tuple[float, float] | None:
    """Return the two quantiles that enclose the middle `confidence` of `drawn`; None if any value is undefined."""
    if not np.isfinite(drawn).all():
        return None
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


Figure = Callable[[Floats], Floats]
"""A figure over the last axis of an array of several series: (series, ..., time) to (...)."""
