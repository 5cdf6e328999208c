"""Weights over frozen formulas that learn from the past only (after arXiv 2509.01393).

The source trains PPO; the learner here is exponentiated gradient, which needs no training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...market.adjustment import AdjustedSeries, Floats
from .factors import FORMULAS, FactorName
from .rolling import rolling_zscore

WINDOW = 60
"""Sessions of a z-score."""
LEARNED_SESSIONS = 252
RATE = 2.0
"""Learning rate of a return of 1 at a z-score of 1."""
LARGEST_SCORE = 3.0


@dataclass(frozen=True, slots=True)
class AlphaSignal:
    """The weighted signal, -1 to 1, and the weights by formula, whose sizes sum to 1."""

    position: float
    weights: Mapping[FactorName, float]


def exponentiated_gradient(scores: Floats, returns: Floats, rate: float = RATE) -> Floats:
    """Return signed weights, sizes summing to 1, after one update for each row.

    `scores` has a row a session and a column a formula; `returns` are those of the session after each row. Each formula
    has an expert for either sign, with weights w+ and w-, both 1 / 2K at first: w+- <- w+- exp(+- rate x score x
    return), divided by their sum (Kivinen & Warmuth 1997). The signed weight is w+ - w-, divided by the sum of sizes.
    """
    count = scores.shape[1]
    logs = np.zeros((2, count))
    for row, move in zip(scores, returns, strict=True):
        logs += rate * move * np.array([row, -row])
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    signed = shares[0] - shares[1]
    size = np.abs(signed).sum()
    return np.asarray(signed / size if size > 0 else np.zeros(count), dtype=np.float64)


def alpha_signal(series: AdjustedSeries) -> AlphaSignal | None:
    """Return the signal after the last session; None with fewer than 2 x WINDOW sessions, or with no information."""
    if len(series) < 2 * WINDOW:
        return None
    scores = np.column_stack([_scores(FORMULAS[name](series)) for name in FactorName])
    returns = series.close[1:] / series.close[:-1] - 1
    known = np.asarray(~np.isnan(scores).any(axis=1), dtype=np.bool_)
    past = np.flatnonzero(known[:-1])[-LEARNED_SESSIONS:]
    if not known[-1] or not len(past):
        return None
    weights = exponentiated_gradient(scores[past], returns[past])
    position = float(np.clip(weights @ scores[-1] / 2, -1, 1))
    return AlphaSignal(position, dict(zip(FactorName, map(float, weights), strict=True)))


def _scores(values: Floats) -> Floats:
    """Return the z-score of each value among the last WINDOW, at most 3 in size; NaN where it is undefined."""
    unknown = int(np.isnan(values).sum())
    scored = np.concatenate([values[:unknown], rolling_zscore(values[unknown:], WINDOW)])
    return np.asarray(np.clip(scored, -LARGEST_SCORE, LARGEST_SCORE), dtype=np.float64)
