"""Whether a mean differs from zero, by flipping the signs of blocks."""

import numpy as np
from numpy.typing import NDArray

from ...performance.returns import Floats

EXACT_BLOCKS = 12
"""Up to this number of blocks all 2 ** blocks patterns of signs are tried."""


def sign_flip_p_value(series: Floats, block: int = 1, *, draws: int = 4_000, seed: int = 0) -> float:
    """Return the two-sided p-value of a mean of 0 under sign flips of whole blocks.

    The share of patterns of signs whose absolute mean is at least the observed one. All patterns are tried with up to
    EXACT_BLOCKS blocks; above that `draws` random ones, and p = (1 + hits) / (1 + draws) (Phipson & Smyth 2010), never
    0. Blocks are `block` successive values, without overlap; the last may be shorter. The test assumes that each
    block's sum is symmetric about its mean, and it has no power with few blocks: the smallest p is 2 / 2 ** blocks.
    1 without values and for values that are all 0.
    """
    if not len(series) or not series.any():
        return 1.0
    sums = np.add.reduceat(series, np.arange(0, len(series), block)).astype(np.float64)
    if len(sums) <= EXACT_BLOCKS:
        bits = (np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums))) & 1
        patterns = (1 - 2 * bits).astype(np.float64)
        return float(_reached(patterns, sums).mean())
    signs: Floats = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(draws, len(sums)))
    return float((1 + _reached(signs, sums).sum()) / (1 + draws))


def _reached(signs: Floats, sums: Floats) -> NDArray[np.bool_]:
    """Return whether each pattern reaches the observed sum; rounding errors do not count as smaller."""
    least = abs(float(sums.sum())) - 1e-12 * float(np.abs(sums).sum())
    reached: NDArray[np.bool_] = np.abs(signs @ sums) >= least
    return reached
