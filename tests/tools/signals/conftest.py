"""A walk of prices with its own gaps and ranges, and short ways to build series."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.adjustment import AdjustedSeries


def series_of(close: Any, *, open_: Any = None, high: Any = None, low: Any = None, volume: Any = None) -> Any:
    """Return a series that ends on 2025-06-30; open, high and low default to the close, volume to 1000."""
    columns = [np.asarray(close if each is None else each, dtype=float) for each in (open_, high, low, close)]
    days = trading_calendar("XNYS").sessions
    end = days.index(date(2025, 6, 30)) + 1
    amounts = np.full(len(columns[0]), 1000.0) if volume is None else np.asarray(volume, dtype=float)
    return AdjustedSeries(tuple(days[end - len(columns[0]) : end]), *columns, amounts)


@pytest.fixture(scope="session")
def build_series() -> Any:
    return series_of


@pytest.fixture(scope="session")
def walk() -> Any:
    """Return 520 bars of a random walk that trends at times, so that every rule trades."""
    rng = np.random.default_rng(21)
    drift = np.repeat(rng.normal(0, 0.004, 26), 20)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.015, 520) + drift))
    open_ = close * np.exp(rng.normal(0, 0.006, 520))
    high = np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.004, 520)))
    low = np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.004, 520)))
    return series_of(close, open_=open_, high=high, low=low, volume=rng.integers(500, 5_000, 520))
