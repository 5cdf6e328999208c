"""Published rules on past closes; each returns a position in [0, 1], or None to keep the present one."""

import hashlib
from dataclasses import dataclass
from math import sqrt

from ...market.adjustment import AdjustedSeries
from ...tools.indicators import bollinger_z, distance_from_sma, macd_histogram, rsi, total_return, volatility
from ...tools.talib_import import talib

MOMENTUM, SKIPPED = 100, 21
FAST, SLOW = 50, 200
OVERSOLD, OVERBOUGHT = 30.0, 70.0
FAST_K, SMOOTH = 9, 3
SESSIONS_A_YEAR = 252


def momentum(series: AdjustedSeries) -> float | None:
    """Return 1 if the return from 100 to 21 sessions ago is positive, else 0 (Jegadeesh & Titman 1993)."""
    found = total_return(series.close, MOMENTUM, skip=SKIPPED)
    return None if found is None else float(found > 0)


def sma_cross(series: AdjustedSeries) -> float | None:
    """Return 1 while the 50-session average is above the 200-session average, else 0 (Brock et al. 1992)."""
    slow = distance_from_sma(series.close, SLOW)
    fast = distance_from_sma(series.close, FAST)
    return None if slow is None or fast is None else float(1 + slow > 1 + fast)


def macd(series: AdjustedSeries) -> float | None:
    """Return 1 while the MACD histogram (12, 26, 9) is positive, else 0 (Appel 1979)."""
    found = macd_histogram(series.close)
    return None if found is None else float(found > 0)


def rsi_kdj(series: AdjustedSeries) -> float | None:
    """Return 1 when RSI(14) or J of KDJ(9, 3, 3) is oversold and J rises above D, 0 when either is overbought.

    K and D are the smoothed stochastic of Lane, J = 3 K - 2 D. Between these states the position is kept.
    """
    strength = rsi(series.close)
    k, d = talib.STOCH(series.high, series.low, series.close, FAST_K, SMOOTH, 0, SMOOTH, 0)
    if strength is None or not len(k) or k[-1] != k[-1]:
        return None
    j = 3 * k[-1] - 2 * d[-1]
    if strength < OVERSOLD or j < 0:
        return 1.0
    return 0.0 if strength > OVERBOUGHT or j > 100 else None


def mean_reversion(series: AdjustedSeries) -> float | None:
    """Return 1 below the lower Bollinger band (20, 1 deviation), 0 above the average; between them keep."""
    z = bollinger_z(series.close)
    if z is None or -1 <= z < 0:
        return None
    return float(z < -1)


@dataclass(frozen=True, slots=True)
class VolatilityTarget:
    """Holds target / annualised volatility of 60 sessions, at most 1 (Moreira & Muir, Journal of Finance 72, 2017)."""

    target: float = 0.10

    def __call__(self, series: AdjustedSeries) -> float | None:
        """Return the position."""
        sigma = volatility(series.close)
        return None if not sigma else min(1.0, self.target / (sigma * sqrt(SESSIONS_A_YEAR)))


@dataclass(frozen=True, slots=True)
class RandomPosition:
    """Enters and leaves at random: at each decision it draws a new position, 0 or 1, with probability `rate`.

    The draws are hashes of seed, session and closes, so that they repeat exactly. With `rate` r a position changes in
    r / 2 of all decisions, which gives the turnover of a rule that changes as often.
    """

    seed: int
    rate: float = 0.1

    def __call__(self, series: AdjustedSeries) -> float | None:
        """Return 0 or 1, or None to keep the position."""
        drawn = hashlib.sha256(f"{self.seed} {series.sessions[-1]} {series.close[-1]:.6f}".encode()).digest()
        if int.from_bytes(drawn[:4]) >= self.rate * 2**32:
            return None
        return float(drawn[4] % 2)
