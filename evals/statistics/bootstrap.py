"""Confidence intervals by block bootstrap of monthly series, which preserves correlation in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...performance.monthly import MONTHS_A_YEAR
from ...performance.ratios import sharpe_ratios
from ...performance.returns import Floats
from .resampling import Figure, Integers, circular_places, percentiles


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Resampling:
    """Bootstrap parameters: number of draws, confidence level of the intervals, random seed."""

    draws: int = 4_000
    confidence: float = 0.95
    seed: int = 0

    def places(self, lengths: Sequence[int]) -> Integers:
        """Return drawn indices (draws, sum of lengths) into the concatenation of series of these lengths.

        The circular block bootstrap, applied to each series separately. The block length is the cube root of
        the series' length, the optimal order of Kuensch (1989).
        """
        chance = np.random.default_rng(self.seed)
        drawn, start = [], 0
        for length in lengths:
            block = max(1, round(length ** (1 / 3)))
            drawn.append(start + circular_places(length, block, self.draws, chance))
            start += length
        return np.concatenate(drawn, axis=1)

    def interval(self, figure: Figure, series: Floats, places: Integers) -> ConfidenceInterval | None:
        """Return `figure` over the last axis of `series` with its percentile interval; None if it is undefined.

        `series` has the shape (..., months). `figure` is called with it, and with the resampled array (..., draws,
        months).
        """
        value, bounds = float(figure(series)), percentiles(figure(series[..., places]), self.confidence)
        return ConfidenceInterval(value, *bounds) if bounds and np.isfinite(value) else None


def total(series: Floats) -> Floats:
    """Return the sum over the months."""
    summed: Floats = series.sum(axis=-1)
    return summed


def sharpe(series: Floats) -> Floats:
    """Return mean / sample standard deviation * sqrt(12) of monthly profits (Sharpe 1994); nan if the latter is zero.

    The accounts earn no interest on cash, so their profits are excess returns.
    """
    return sharpe_ratios(series, MONTHS_A_YEAR)


def share(pair: Floats) -> Floats:
    """Return the sum of the first series over the sum of the second; nan unless the second is positive."""
    part, whole = pair[0].sum(axis=-1), pair[1].sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = np.where(whole > 0, part / whole, np.nan)
    return ratio
