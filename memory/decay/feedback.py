"""What an outcome is worth to the memories that a decision was based on."""

import math

from ...domain.errors import InvalidData

LEARNING_RATE = 0.1
CLIP = 2.0


def feedback_gain(excess_return: float, daily_volatility: float, sessions: int, cited: int) -> float:
    """Return g = eta clip(excess return / (sigma sqrt(h)), -2, 2) / number of cited memories.

    `excess_return` is that of the position over the horizon of `sessions`, against the benchmark and with the sign of
    the position, as a share; `daily_volatility` is that of the ticker before the decision. Raises InvalidData for a
    volatility or a number of sessions that is not positive.
    """
    if not (daily_volatility > 0 and sessions > 0 and math.isfinite(excess_return)):
        raise InvalidData("memory", None, "an outcome needs a finite return, a positive volatility and a horizon")
    if cited == 0:
        return 0.0
    deviations = excess_return / (daily_volatility * math.sqrt(sessions))
    return LEARNING_RATE * max(-CLIP, min(CLIP, deviations)) / cited
