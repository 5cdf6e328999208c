"""An interval for the difference of any figure between two arms, such as their Sharpe ratios or drawdowns."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from ...performance.returns import Floats
from .block_length import block_length
from .bootstrap import ConfidenceInterval
from .resampling import circular_places, percentiles, stationary_places


class BootstrapScheme(StrEnum):
    """How blocks are drawn."""

    STATIONARY = "stationary"
    CIRCULAR = "circular"


def figure_difference(
    figure: Callable[[Floats], Floats],
    first: Floats,
    second: Floats,
    *,
    scheme: BootstrapScheme = BootstrapScheme.STATIONARY,
    confidence: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> ConfidenceInterval | None:
    """Return figure(first) - figure(second) with its percentile interval, both resampled at the same sessions.

    `figure` reads the last axis of an array (..., sessions), as `sharpe_ratios` does. The block length is the larger of
    the two series' lengths by `block_length`. Equal series give exactly [0, 0]. None with fewer than five sessions,
    and where the figure is undefined for the arms or for any resample. Percentile intervals are too short with few
    sessions or strong autocorrelation (about 90 % instead of 95 % at 100 sessions): a verdict is made from
    `mean_interval` alone. Raises ValueError for series of different lengths.
    """
    if len(first) != len(second):
        raise ValueError("two arms are compared on the same sessions")
    count = len(first)
    if count < 5:
        return None
    value = float(figure(first)) - float(figure(second))
    if not np.isfinite(value):
        return None
    if np.array_equal(first, second):
        return ConfidenceInterval(0.0, 0.0, 0.0)
    places = _places(scheme, first, second, draws, np.random.default_rng(seed))
    bounds = percentiles(figure(first[places]) - figure(second[places]), confidence)
    return ConfidenceInterval(value, *bounds) if bounds else None


def _places(
    scheme: BootstrapScheme, first: Floats, second: Floats, draws: int, chance: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    lengths = [block_length(each) for each in (first, second)]
    if scheme is BootstrapScheme.STATIONARY:
        return stationary_places(len(first), max(each.stationary for each in lengths), draws, chance)
    return circular_places(len(first), max(round(each.circular) for each in lengths), draws, chance)
