"""Rolling windows over float arrays of shape (n,), oldest first. Elements without a full window are nan."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...market.adjustment import Floats


def rolling_mean(values: Floats, window: int) -> Floats:
    """Return the mean of the last `window` values at every element."""
    return _padded(values, window, lambda rows: rows.mean(axis=1))


def rolling_deviation(values: Floats, window: int, *, ddof: int) -> Floats:
    """Return the standard deviation of the last `window` values; exactly 0 where they are all equal."""
    return _padded(values, window, lambda rows: np.where(np.ptp(rows, axis=1) == 0, 0.0, rows.std(axis=1, ddof=ddof)))


def rolling_median(values: Floats, window: int) -> Floats:
    """Return the median of the last `window` values at every element."""
    return _padded(values, window, lambda rows: np.median(rows, axis=1))


def rolling_highest(values: Floats, window: int) -> Floats:
    """Return the largest of the last `window` values at every element."""
    return _padded(values, window, lambda rows: rows.max(axis=1))


def rolling_lowest(values: Floats, window: int) -> Floats:
    """Return the smallest of the last `window` values at every element."""
    return _padded(values, window, lambda rows: rows.min(axis=1))


def rolling_zscore(values: Floats, window: int) -> Floats:
    """Return (value - mean) / population standard deviation of the last `window` values; 0 where they are all equal."""
    spread = rolling_deviation(values, window, ddof=0)
    distance = values - rolling_mean(values, window)
    return np.where(spread == 0, 0.0, distance / np.where(spread == 0, 1.0, spread))


def exponential_average(values: Floats, span: int) -> Floats:
    """Return the exponential moving average with smoothing 2 / (span + 1), which begins at the first value."""
    return smoothed(values, 2 / (span + 1), float(values[0]) if len(values) else 0.0)


def smoothed(values: Floats, share: float, start: float) -> Floats:
    """Return s[t] = (1 - share) s[t - 1] + share values[t] with s[-1] = `start`; never nan if no value is."""
    result, level = np.empty(len(values)), start
    for place, value in enumerate(values.tolist()):
        level += share * (value - level)
        result[place] = level
    return result


def delayed(values: Floats, sessions: int) -> Floats:
    """Return the values of `sessions` elements earlier; nan before."""
    return np.concatenate([np.full(min(sessions, len(values)), np.nan), values[: max(0, len(values) - sessions)]])


def log_returns(close: Floats) -> Floats:
    """Return the log return from the element before; nan at the first."""
    return np.concatenate([[np.nan], np.diff(np.log(close))]) if len(close) else close


def crossings(line: Floats, other: Floats) -> Floats:
    """Return +1 where `line` crosses above `other`, -1 where it crosses below, 0 elsewhere, nan where undefined.

    A cross above needs line > other now and line <= other at the element before.
    """
    gap = line - other
    before = delayed(gap, 1)
    events = np.where((gap > 0) & (before <= 0), 1.0, np.where((gap < 0) & (before >= 0), -1.0, 0.0))
    return np.where(np.isnan(gap) | np.isnan(before), np.nan, events)


def held(events: Floats) -> Floats:
    """Return the last event that is not 0 at every element: 0 before the first one, nan where events are undefined."""
    places = np.where((events != 0) & ~np.isnan(events), np.arange(len(events)), -1)
    last = np.maximum.accumulate(places) if len(events) else places
    positions = np.where(last >= 0, events[last], 0.0) if len(events) else events
    return np.where(np.isnan(events), np.nan, positions)


def _padded(values: Floats, window: int, reduce: Callable[[Floats], Floats]) -> Floats:
    if len(values) < window:
        return np.full(len(values), np.nan)
    return np.concatenate([np.full(window - 1, np.nan), reduce(sliding_window_view(values, window))])
