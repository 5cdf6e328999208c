"""Common return factors: a market factor with volatility regimes and clustering, and five sector factors."""

import math
from dataclasses import dataclass

import numpy as np

from .companies import Sector
from .random_streams import Floats, Integers, random_stream

SECTORS: tuple[Sector, ...] = (
    Sector.TECHNOLOGY,
    Sector.HEALTH,
    Sector.ENERGY,
    Sector.INDUSTRIALS,
    Sector.CONSUMER,
)
OVERNIGHT = 0.3  # share of a factor's variance that falls between the close and the next open
PREMIUM = 0.00022  # daily log return of the market, the same in every regime, so that market timing has no edge
CALM, NORMAL, STRESS = 0, 1, 2
SCALES = (0.72, 1.0, 1.75)  # volatility of each regime relative to the normal one
MARKET_DAILY = 0.0086  # long-run daily volatility of the market in the normal regime
SECTOR_DAILY = 0.0056
STRESS_JUMP, STRESS_CHANCE = -0.032, 1 / 260


@dataclass(frozen=True, slots=True)
class Factors:
    """Log returns of the factors, shape (sessions, 6); column 0 is the market, followed by SECTORS in order.

    Attributes:
        overnight: return from close to open.
        day: return from open to close.
        volatility: expected volatility of the whole session, per factor.
        forecast: market volatility expected at the close for the next session, shape (sessions,).
        regime: market regime, shape (sessions,).
    """

    overnight: Floats
    day: Floats
    volatility: Floats
    forecast: Floats
    regime: Integers


@dataclass(slots=True)
class _VolatilityState:
    """State of the market volatility: regime and GJR-GARCH variance (Glosten, Jagannathan & Runkle 1993)."""

    regime: int = NORMAL
    variance: float = MARKET_DAILY**2

    @property
    def volatility(self) -> float:
        return SCALES[self.regime] * math.sqrt(self.variance)

    def step(self, chance: float) -> float:
        """Advance to the regime of the next session and return its jump, whose mean is zero in every regime."""
        if self.regime == NORMAL:
            if chance < STRESS_CHANCE:
                self.regime = STRESS
                return STRESS_JUMP * (1 - STRESS_CHANCE)
            self.regime = CALM if chance > 1 - 1 / 140 else NORMAL
            return -STRESS_JUMP * STRESS_CHANCE
        if self.regime == STRESS:
            self.regime = NORMAL if chance < 1 / 45 else STRESS
        else:
            self.regime = NORMAL if chance < 1 / 160 else CALM
        return 0.0

    def update(self, shock: float) -> None:
        """Update the variance with the shock of the session, scaled to the normal regime; a fall raises it more."""
        weight = 0.03 + (0.10 if shock < 0 else 0.0)
        self.variance = 0.035 * MARKET_DAILY**2 + weight * shock * shock + 0.885 * self.variance


def factors(seed: int, sessions: int) -> Factors:
    """Return the factors of the first `sessions` sessions."""
    width = 1 + len(SECTORS)
    normal = random_stream(seed, "factors", "normal").standard_normal((sessions, 2 * width))
    chance = random_stream(seed, "factors", "regime").random(sessions).tolist()
    night, noon = math.sqrt(OVERNIGHT), math.sqrt(1 - OVERNIGHT)
    weather = _VolatilityState()
    volatility, ahead, jump = np.empty((sessions, width)), np.empty(sessions), np.empty(sessions)
    regime = np.empty(sessions, dtype=np.int64)
    for t, (z_night, z_noon) in enumerate(normal[:, :2].tolist()):
        jump[t] = weather.step(chance[t])
        regime[t] = weather.regime
        volatility[t, 0] = weather.volatility
        volatility[t, 1:] = SECTOR_DAILY * math.sqrt(weather.volatility / MARKET_DAILY)
        weather.update(math.sqrt(weather.variance) * (night * z_night + noon * z_noon) + jump[t])
        ahead[t] = weather.volatility
    overnight = night * volatility * normal[:, 0::2]
    overnight[:, 0] += jump + PREMIUM
    return Factors(overnight, noon * volatility * normal[:, 1::2], volatility, ahead, regime)
