"""Feedback of an outcome to the memories that the decision cited."""

import math

from ...domain.errors import InvalidData

LEARNING_RATE = 0.1
CLIP = 2.0


def feedback_gain(excess_return: float, daily_volatility: float, sessions: int, cited: int) -> float:
    """Return g = eta clip(excess return / (sigma sqrt(h)), -2, 2) / number of cited memories.

    `excess_return` is the position's return over the benchmark during `sessions` sessions, as a fraction, with the sign
    of the position. `daily_volatility` is the ticker's volatility before the decision. Returns 0 if `cited` is 0.
    Raises InvalidData for a return that is not finite, or a volatility or number of sessions that is not positive.
    """
    if not (daily_volatility > 0 and sessions > 0 and math.isfinite(excess_return)):
        raise InvalidData("memory", None, "an outcome needs a finite return, a positive volatility and a horizon")
    if cited == 0:
        return 0.0
    deviations = excess_return / (daily_volatility * math.sqrt(sessions))
    return LEARNING_RATE * max(-CLIP, min(CLIP, deviations)) / cited
