"""The length of the blocks of a block bootstrap, chosen from the autocorrelation of the series."""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ...performance.returns import Floats, spread

LEAST_BLOCKS = 5
"""An interval needs at least this many blocks."""


class BlockRule(StrEnum):
    """How a block length was found."""

    POLITIS_WHITE = "politis_white"
    """Politis & White, Econometric Reviews 23 (2004), with the correction of Patton, Politis & White, 28 (2009)."""

    CUBE_ROOT = "cube_root"
    """The cube root of the number of observations; the fallback for short and for constant series."""


@dataclass(frozen=True, slots=True)
class BlockLength:
    """Block lengths of one series, at least 1.

    Attributes:
        stationary: the mean block length for the stationary bootstrap.
        circular: the block length for the circular bootstrap.
        rule: how they were found.
    """

    stationary: float
    circular: float
    rule: BlockRule


def block_length(series: Floats) -> BlockLength:
    """Return the block lengths that minimise the error of the bootstrap variance of the mean of `series`.

    The fallback is used with fewer than 20 observations, for a constant series, and where the estimated long-run
    variance is not positive. Lengths are at most min(3 * sqrt(n), n / 3), rounded up.
    """
    count = len(series)
    if count < 20 or not spread(series):
        return _cube_root(count)
    covariances, last = _autocovariances(series)
    lags = np.arange(1, last + 1)
    window = np.where(lags <= last / 2, 1.0, 2 * (1 - lags / last))
    slope = 2 * float((window * lags * covariances[1 : last + 1]).sum())
    long_run = float(covariances[0] + 2 * (window * covariances[1 : last + 1]).sum())
    if long_run <= 0:
        return _cube_root(count)
    most = math.ceil(min(3 * math.sqrt(count), count / 3))
    ratio = (slope / long_run) ** 2 * count
    stationary, circular = math.cbrt(ratio), math.cbrt(1.5 * ratio)
    return BlockLength(min(max(1.0, stationary), most), min(max(1.0, circular), most), BlockRule.POLITIS_WHITE)


def interval_block(series: Floats) -> int:
    """Return the block length for an interval of the mean: max(2 * circular, n ** (1/3)), rounded up, at most n / 5.

    The optimal length for the variance leaves the variance biased downwards, and intervals too short. Twice that
    length was chosen by simulation: over autoregressive series with fat tails, 60 to 500 observations and coefficients
    from -0.2 to 0.4, an interval of 95 % then excludes the truth in 3 to 7 % of the series.
    """
    count = len(series)
    wanted = math.ceil(max(2 * block_length(series).circular, math.cbrt(count)))
    return max(1, min(wanted, count // LEAST_BLOCKS))


def _autocovariances(series: Floats) -> tuple[Floats, int]:
    """Return the autocovariances and the last lag that the flat-top window uses.

    The window ends at twice the first lag after which max(5, log10 n) autocorrelations in a row are within
    2 * sqrt(log10(n) / n) of 0.
    """
    count = len(series)
    centred = series - series.mean()
    row = max(5, int(math.log10(count)))
    most = math.ceil(math.sqrt(count)) + row
    products = np.array([centred[lag:] @ centred[: count - lag] for lag in range(most + 1)])
    norms = [
        centred[lag + 1 :] @ centred[lag + 1 :] * (centred[: -lag - 1] @ centred[: -lag - 1]) for lag in range(most)
    ]
    small = np.abs(products[:most]) < 2 * math.sqrt(math.log10(count) / count) * np.sqrt(norms)
    runs = (first for first in range(most - row + 1) if small[first : first + row].all())
    first = next(runs, None)
    last = most if first is None else min(2 * max(first, 1), most)
    return products / count, last


def _cube_root(count: int) -> BlockLength:
    length = max(1.0, math.cbrt(count))
    return BlockLength(length, length, BlockRule.CUBE_ROOT)
