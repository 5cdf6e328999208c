"""Intervals by resampling whole blocks of months, so that what hangs together in time stays together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...performance.monthly import MONTHS_A_YEAR
from ...performance.ratios import sharpe_ratio
from ...performance.returns import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A figure with the interval that holds it with the given confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Resampling:
    """How to resample: number of draws, confidence of the intervals, seed of the chance."""

    draws: int = 4_000
    confidence: float = 0.95
    seed: int = 0

    def places(self, lengths: Sequence[int]) -> Integers:
        """Return drawn positions, one row a draw, into series of these lengths laid end to end.

        The circular block bootstrap of Politis & Romano (1992), each series by itself, with blocks of the cube root of
        its length, the order of length that Kuensch (1989) finds best.
        """
        chance = np.random.default_rng(self.seed)
        drawn, start = [], 0
        for length in lengths:
            block = max(1, round(length ** (1 / 3)))
            first = chance.integers(length, size=(self.draws, -(-length // block), 1))
            whole = (first + np.arange(block)) % length
            drawn.append(start + whole.reshape(self.draws, -1)[:, :length])
            start += length
        return np.concatenate(drawn, axis=1)

    def interval(
        self, figure: Callable[[Floats], Floats], series: Floats, places: Integers
    ) -> ConfidenceInterval | None:
        """Return `figure` of the last axis of `series` with its percentile interval; None where it is undefined.

        `series` is (..., months); `figure` is given it whole, and resampled as (..., draws, months).
        """
        value, drawn = float(figure(series)), figure(series[..., places])
        if not np.isfinite(value) or not np.isfinite(drawn).all():
            return None
        low, high = np.quantile(drawn, [(1 - self.confidence) / 2, (1 + self.confidence) / 2])
        return ConfidenceInterval(value, float(low), float(high))


def total(series: Floats) -> Floats:
    """Return the sum over the months."""
    summed: Floats = series.sum(axis=-1)
    return summed


def sharpe(series: Floats) -> Floats:
    """Return mean / sample standard deviation * sqrt(12) of monthly profits (Sharpe 1994); nan where nothing varies.

    Profits are of accounts that hold cash without interest, so they are returns in excess of it.
    """
    return sharpe_ratio(series, MONTHS_A_YEAR)


def share(pair: Floats) -> Floats:
    """Return the sum of the first series over that of the second; nan where the second does not gain."""
    part, whole = pair[0].sum(axis=-1), pair[1].sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = np.where(whole > 0, part / whole, np.nan)
    return ratio
