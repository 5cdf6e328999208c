"""Labels of ratings from the prices that followed (Trading-R1, arXiv 2509.11420). For training dates only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ...domain.outputs import Rating

Floats = npt.NDArray[np.float64]
SMOOTHING_SPAN = 3
HORIZON_WEIGHTS = ((3, 0.3), (7, 0.5), (15, 0.2))
"""Horizons in sessions, and their weights."""
SPREAD_WINDOW = 20
CUT_QUANTILES = (0.03, 0.15, 0.53, 0.85)
EMBARGO = 15
"""Sessions before the test window that are not fitted, because their labels use prices inside it."""
STEPS = (Rating.SELL, Rating.UNDERWEIGHT, Rating.HOLD, Rating.OVERWEIGHT, Rating.BUY)


@dataclass(frozen=True, slots=True)
class RatingCuts:
    """The four scores between the five ratings, ascending."""

    values: tuple[float, float, float, float]

    def rate(self, score: float) -> Rating:
        """Return the rating of `score`; a score equal to a cut has the rating above it."""
        return STEPS[sum(score >= cut for cut in self.values)]


def label_scores(close: Sequence[float]) -> Floats:
    """Return the score of every session, shape (n,); nan where it is undefined.

    With E the exponential average of span 3 (begun at the first price) and R_h(t) = E(t + h) / E(t) - 1 for h of 3, 7
    and 15 sessions, S_h = R_h / the sample standard deviation of R_h over the 20 sessions to t, and the score is
    0.3 S_3 + 0.5 S_7 + 0.2 S_15. It is undefined where a standard deviation is 0, in the first 19 sessions, and in the
    last 15. Raises ValueError for a price that is not positive.
    """
    prices = np.asarray(close, dtype=np.float64)
    if not (np.isfinite(prices).all() and (prices > 0).all()):
        raise ValueError("prices must be positive")
    average = _exponential_average(prices)
    score = np.zeros(len(prices))
    for horizon, weight in HORIZON_WEIGHTS:
        score += weight * _scaled(_forward_return(average, horizon))
    return score


def fit_cuts(scores: Floats, sessions: Sequence[date], test_start: date) -> RatingCuts | None:
    """Return the quantiles .03, .15, .53 and .85 of the training scores; None if fewer than 20 are defined.

    Training scores are those of sessions at least 16 sessions before the first session of the test, so that their
    labels use no price of the test window. The quantiles are interpolated linearly.
    """
    first_test = sum(session < test_start for session in sessions)
    train = scores[: max(0, first_test - EMBARGO)]
    known = train[~np.isnan(train)]
    if len(known) < SPREAD_WINDOW:
        return None
    low, second, third, high = (float(each) for each in np.quantile(known, CUT_QUANTILES))
    return RatingCuts((low, second, third, high))


def label_ratings(scores: Floats, cuts: RatingCuts) -> tuple[Rating | None, ...]:
    """Return the rating of every session; None where the score is undefined."""
    return tuple(None if np.isnan(score) else cuts.rate(float(score)) for score in scores)


def _exponential_average(prices: Floats) -> Floats:
    share, result = 2 / (SMOOTHING_SPAN + 1), prices.copy()
    for place in range(1, len(prices)):
        result[place] = (1 - share) * result[place - 1] + share * prices[place]
    return result


def _forward_return(average: Floats, horizon: int) -> Floats:
    result = np.full(len(average), np.nan)
    if len(average) > horizon:
        result[:-horizon] = average[horizon:] / average[:-horizon] - 1
    return result


def _scaled(returns: Floats) -> Floats:
    """Return the returns over their rolling sample standard deviation; nan where that is 0 or undefined."""
    result = np.full(len(returns), np.nan)
    for place in range(SPREAD_WINDOW - 1, len(returns)):
        window = returns[place - SPREAD_WINDOW + 1 : place + 1]
        if not np.isnan(window).any() and np.ptp(window) > 0:
            result[place] = returns[place] / window.std(ddof=1)
    return result
