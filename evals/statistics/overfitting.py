"""The probability that the best variant of a window is below the median of all variants outside it."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...performance.returns import ROUNDING, Floats


@dataclass(frozen=True, slots=True)
class OverfittingEstimate:
    """The result of combinatorially symmetric cross-validation.

    Attributes:
        probability: the share of splits in which the variant that is best in one half ranks at or below the median of
            all variants in the other half. About 0.5 if no variant has skill.
        splits: the number of splits.
        median_rank: the median relative rank, in (0, 1), of the chosen variant in the other half.
    """

    probability: float
    splits: int
    median_rank: float


def overfitting_probability(returns: Floats, blocks: int = 16) -> OverfittingEstimate | None:
    """Return the probability of backtest overfitting of the variants in `returns` (sessions, variants).

    The sessions are cut into `blocks` successive blocks; each half of the blocks selects the variant with the largest
    Sharpe ratio, whose rank r of N is taken in the other half; logit = ln(w / (1 - w)), w = r / (N + 1), and the
    probability is the share of logits at or below 0. Equal ratios share their mean rank, and the first of equal
    best variants is selected. A variant that does not vary in a half has the ratio 0. With 16 blocks there are 12,870
    splits. Bailey, Borwein, Lopez de Prado & Zhu, Journal of Computational Finance 20 (2017).

    None with fewer than two different variants, and with fewer than two sessions a block; the last sessions that fill
    no block are left out. Raises ValueError for an odd number of blocks, and for values that are not finite.
    """
    if blocks < 2 or blocks % 2:
        raise ValueError("the number of blocks is even")
    if not np.isfinite(returns).all():
        raise ValueError("a return is not finite")
    length, variants = len(returns) // blocks, returns.shape[1]
    if length < 2 or variants < 2 or (returns == returns[:, :1]).all():
        return None
    chosen = np.array([np.isin(np.arange(blocks), each) for each in combinations(range(blocks), blocks // 2)])
    parts = returns[: length * blocks].reshape(blocks, length, variants)
    inside, outside = (_sharpes(mask.astype(np.float64), parts) for mask in (chosen, ~chosen))
    best = inside.argmax(axis=1)[:, None]
    reached = np.take_along_axis(outside, best, axis=1)
    ranks = (outside < reached).sum(axis=1) + ((outside == reached).sum(axis=1) + 1) / 2
    relative = ranks / (variants + 1)
    return OverfittingEstimate(float((relative <= 0.5).mean()), len(chosen), float(np.median(relative)))


def _sharpes(mask: Floats, parts: Floats) -> Floats:
    """Return the ratio per session (splits, variants) over the blocks that `mask` (splits, blocks) selects."""
    centre = parts.mean(axis=(0, 1))
    count = mask.shape[1] // 2 * parts.shape[1]
    shifted = parts - centre
    mean = mask @ shifted.sum(axis=1) / count
    variance = mask @ (shifted**2).sum(axis=1) / count - mean**2
    varied = variance > (ROUNDING * np.abs(parts).max(axis=(0, 1))) ** 2 + ROUNDING * mean**2
    ratio: Floats = np.where(varied, (mean + centre) / np.sqrt(np.where(varied, variance, 1.0)), 0.0)
    return ratio
