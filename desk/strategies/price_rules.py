"""Positions from past prices for the baselines that are not among the rule experts."""

import hashlib
from dataclasses import dataclass
from math import isnan, sqrt

from ...market.adjustment import AdjustedSeries
from ...tools.indicators import volatility
from ...tools.signals.rule_signal import PositionSignal

SESSIONS_A_YEAR = 252


@dataclass(frozen=True, slots=True)
class LastPosition:
    """Returns the last position of a rule expert; None, which keeps the present position, while it is undefined."""

    rule: PositionSignal

    def __call__(self, series: AdjustedSeries) -> float | None:
        """Return the position in [-1, 1]."""
        found = float(self.rule.positions(series)[-1])
        return None if isnan(found) else found


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """Holds target / annualised volatility of 60 sessions, at most 1 (Moreira & Muir, Journal of Finance 72, 2017)."""

    target: float = 0.10

    def __call__(self, series: AdjustedSeries) -> float | None:
        """Return the position in [0, 1]; None while the volatility is unknown or zero."""
        sigma = volatility(series.close)
        return None if not sigma else min(1.0, self.target / (sigma * sqrt(SESSIONS_A_YEAR)))


@dataclass(frozen=True, slots=True)
class RandomPosition:
    """Enters and leaves at random: at each decision it draws a new position, 0 or 1, with probability `rate`.

    The draws are hashes of seed, session and last close, so that they repeat exactly. With `rate` r a position changes
    in r / 2 of all decisions.
    """

    seed: int
    rate: float = 0.1

    def __call__(self, series: AdjustedSeries) -> float | None:
        """Return 0 or 1, or None to keep the position."""
        drawn = hashlib.sha256(f"{self.seed} {series.sessions[-1]} {series.close[-1]:.6f}".encode()).digest()
        if int.from_bytes(drawn[:4], "big") >= self.rate * 2**32:
            return None
        return float(drawn[4] % 2)
