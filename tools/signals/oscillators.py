"""Oscillators as arrays: one value a session, nan where there is no full window."""

import numpy as np

from ...market.adjustment import AdjustedSeries, Floats
from ..talib_import import talib
from .rolling import exponential_average, rolling_highest, rolling_lowest, rolling_mean, smoothed

NEUTRAL = 50.0
"""The middle of a range from 0 to 100, used where the price did not change and the ratio is 0 / 0."""


def macd_lines(close: Floats, fast: int, slow: int, signal: int) -> tuple[Floats, Floats]:
    """Return the MACD line, EMA(fast) - EMA(slow), and its EMA(signal); nan in the first `slow` + `signal` - 2 values.

    The averages begin at the first value, without the simple average that TA-Lib begins with.
    """
    line = exponential_average(close, fast) - exponential_average(close, slow)
    average = exponential_average(line, signal)
    undefined = np.arange(len(close)) < slow + signal - 2
    return np.where(undefined, np.nan, line), np.where(undefined, np.nan, average)


def range_position(series: AdjustedSeries, window: int) -> Floats:
    """Return the close within the range of `window` sessions, 0 at the lowest low and 100 at the highest high.

    This is raw %K of the stochastic oscillator; 50 where the range is empty.
    """
    low = rolling_lowest(series.low, window)
    width = rolling_highest(series.high, window) - low
    return np.where(width == 0, NEUTRAL, 100 * (series.close - low) / np.where(width == 0, 1.0, width))


def slow_stochastic(series: AdjustedSeries, window: int, smoothing: int) -> Floats:
    """Return slow %K: the mean of the last `smoothing` values of raw %K."""
    raw = range_position(series, window)
    known = raw[window - 1 :]
    return np.concatenate([raw[: window - 1], rolling_mean(known, smoothing)])


def kdj_lines(series: AdjustedSeries, window: int, smoothing: int) -> tuple[Floats, Floats]:
    """Return K and D of the KDJ oscillator; nan in the first `window` - 1 values.

    K[t] = (1 - 1/m) K[t - 1] + raw %K[t] / m and D[t] = (1 - 1/m) D[t - 1] + K[t] / m with m = `smoothing`; both begin
    at 50.
    """
    raw = range_position(series, window)
    blank = raw[: window - 1]
    k = smoothed(raw[window - 1 :], 1 / smoothing, NEUTRAL)
    d = smoothed(k, 1 / smoothing, NEUTRAL)
    return np.concatenate([blank, k]), np.concatenate([blank, d])


def rsi_line(close: Floats, window: int) -> Floats:
    """Return the relative strength index (Wilder 1978) of every session; 50 where the price has not changed yet."""
    if len(close) <= window:
        return np.full(len(close), np.nan)
    moved = np.maximum.accumulate(np.abs(np.concatenate([[0.0], np.diff(close)]))) > 0
    values: Floats = talib.RSI(np.ascontiguousarray(close), window)
    return np.where(np.isnan(values) | moved, values, NEUTRAL)
