"""Drawdown: how far, and for how long, equity stays below its highest point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .returns import Floats


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A drawdown of an equity curve.

    Attributes:
        depth: the largest fall from a peak as a fraction of the peak, 0 or negative.
        longest: the most periods in a row that equity stayed below an earlier peak.
    """

    depth: float
    longest: int


def max_drawdown(equity: Sequence[float] | Floats) -> Drawdown:
    """Return the largest and the longest drawdown; min(equity / running maximum - 1). Raises ValueError without equity.

    A curve that never falls has a depth of 0 and a length of 0. Peaks must be positive.
    """
    values = np.asarray(equity, dtype=np.float64)
    if not len(values) or values[0] <= 0:
        raise ValueError("a drawdown needs equity that begins positive")
    peaks = np.maximum.accumulate(values)
    max_length = run = 0
    for below in values < peaks:
        run = run + 1 if below else 0
        max_length = max(max_length, run)
    return Drawdown(float((values / peaks - 1).min()), max_length)
