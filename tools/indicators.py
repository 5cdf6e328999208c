"""Indicators of price and volume. Arrays are adjusted, oldest first; functions return None if they are too short."""

from math import sqrt

import numpy as np

from ..market.adjustment import Floats
from .talib_import import talib


def total_return(close: Floats, sessions: int, *, skip: int = 0) -> float | None:
    """Return P[t - skip] / P[t - sessions] - 1 (a fraction).

    With `sessions` = 252 and `skip` = 21 it is the 12-1 momentum of Jegadeesh & Titman 1993, without the last month.
    """
    if len(close) <= sessions:
        return None
    return float(close[-1 - skip] / close[-1 - sessions] - 1)


def gap(open_: Floats, close: Floats) -> float | None:
    """Return the last open relative to the close before it, minus 1."""
    return float(open_[-1] / close[-2] - 1) if len(close) > 1 else None


def drawdown_from_high(close: Floats, high: Floats, sessions: int) -> float | None:
    """Return the last close relative to the highest high of the last `sessions`, minus 1; never above 0."""
    return float(close[-1] / high[-sessions:].max() - 1) if len(high) >= sessions else None


def volume_ratio(volume: Floats, sessions: int = 20) -> float | None:
    """Return the last volume over the mean of the `sessions` before it."""
    if len(volume) <= sessions or not (usual := volume[-1 - sessions : -1].mean()):
        return None
    return float(volume[-1] / usual)


def volatility(close: Floats, sessions: int = 60, *, minimum: int = 60) -> float | None:
    """Return the sample standard deviation of the last `sessions` daily log returns; None with fewer than `minimum`."""
    returns = np.diff(np.log(close))[-sessions:]
    return float(returns.std(ddof=1)) if len(returns) >= minimum else None


def largest_move(close: Floats, sessions: int = 5) -> float | None:
    """Return the largest of the last `sessions` simple returns by magnitude, signed, divided by the prior volatility.

    The volatility is that of the 60 sessions before (at least 20), so that a shock does not raise its own divisor.
    """
    sigma = volatility(close[:-sessions], minimum=20)
    if not sigma:
        return None
    recent = close[-sessions:] / close[-sessions - 1 : -1] - 1
    return float(recent[np.abs(recent).argmax()] / sigma)


def rsi(close: Floats, period: int = 14) -> float | None:
    """Return the relative strength index, 0 to 100 (Wilder 1978): 100 - 100 / (1 + smoothed gains / losses).

    None if the price did not change, because the ratio is 0 / 0.
    """
    if np.ptp(close) == 0:
        return None
    return _last(talib.RSI(close, period))


def macd_histogram(close: Floats) -> float | None:
    """Return the MACD histogram (Appel 1979), EMA12 - EMA26 minus its EMA9, as a fraction of the close."""
    histogram = _last(talib.MACD(close, 12, 26, 9)[2])
    return None if histogram is None else histogram / float(close[-1])


def macd_line(close: Floats) -> float | None:
    """Return the MACD line, EMA12 - EMA26 (Appel 1979), over the close; needs 34 bars, as its signal line."""
    line = _last(talib.MACD(close, 12, 26, 9)[0])
    return None if line is None else line / float(close[-1])


def distance_from_sma(close: Floats, sessions: int) -> float | None:
    """Return the last close relative to its simple moving average, minus 1."""
    return float(close[-1] / close[-sessions:].mean() - 1) if len(close) >= sessions else None


def atr(high: Floats, low: Floats, close: Floats, period: int = 14) -> float | None:
    """Return the average true range (Wilder 1978) in quote currency; needs `period` + 1 bars."""
    return _last(talib.ATR(high, low, close, period))


def bollinger_z(close: Floats, sessions: int = 20) -> float | None:
    """Return (close - SMA) / population standard deviation, the position within the Bollinger bands."""
    window = close[-sessions:]
    if len(window) < sessions or np.ptp(window) == 0:
        return None
    return float((window[-1] - window.mean()) / window.std())


def adx(high: Floats, low: Floats, close: Floats, period: int = 14) -> float | None:
    """Return the average directional index, 0 to 100 (Wilder 1978); None if prices did not change."""
    if np.ptp(high) == 0 and np.ptp(low) == 0:
        return None
    return _last(talib.ADX(high, low, close, period))


def variance_ratio(close: Floats, horizon: int = 5, sessions: int = 252) -> tuple[float, float] | None:
    """Return VR(q) of overlapping q-session log returns and its heteroskedasticity-robust z statistic.

    Lo & MacKinlay 1988, "Stock Market Prices Do Not Follow Random Walks": with T returns r of mean mu, the
    bias-corrected variances are s_a = sum (r - mu)^2 / (T - 1) and s_c = sum (r_q - q mu)^2 / m with
    m = q (T - q + 1)(1 - q / T); VR = s_c / s_a. z = sqrt(T) (VR - 1) / sqrt(theta),
    theta = sum over j < q of (2 (q - j) / q)^2 delta_j, and
    delta_j = T sum (r_t - mu)^2 (r_(t-j) - mu)^2 / (sum (r_t - mu)^2)^2. VR above 1 indicates trending returns, below 1
    reverting returns.
    """
    if len(close) <= sessions or np.ptp(close[-sessions - 1 :]) == 0:
        return None
    prices = np.log(close[-sessions - 1 :])
    squares = np.square(np.diff(prices) - (mean := (prices[-1] - prices[0]) / sessions))
    if not (total := squares.sum()):
        return None
    long_squares = np.square(prices[horizon:] - prices[:-horizon] - horizon * mean)
    divisor = horizon * (sessions - horizon + 1) * (1 - horizon / sessions)
    ratio = (long_squares.sum() / divisor) / (total / (sessions - 1))
    theta = sum(
        (2 * (horizon - j) / horizon) ** 2 * sessions * (squares[j:] * squares[:-j]).sum() / total**2
        for j in range(1, horizon)
    )
    return (float(ratio), sqrt(sessions) * float(ratio - 1) / sqrt(theta)) if theta else None


def beta(close: Floats, market: Floats, sessions: int = 252) -> float | None:
    """Return cov(r, m) / var(m) of daily simple returns; both series must have the same sessions."""
    if min(len(close), len(market)) <= sessions:
        return None
    own, proxy = (np.diff(prices) / prices[:-1] for prices in (close[-sessions - 1 :], market[-sessions - 1 :]))
    spread = float(proxy.var(ddof=1))
    return float(np.cov(own, proxy, ddof=1)[0, 1]) / spread if spread else None


def annualised(sigma: float | None, sessions_a_year: int) -> float | None:
    """Return the annualised standard deviation of a daily `sigma`, by the square root of time."""
    return None if sigma is None else sigma * sqrt(sessions_a_year)


def _last(values: Floats) -> float | None:
    return float(values[-1]) if len(values) and np.isfinite(values[-1]) else None
