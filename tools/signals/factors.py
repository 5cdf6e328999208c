"""Price factors as signals: a formula, standardised over its own recent past."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ...market.adjustment import AdjustedSeries, Floats
from .oscillators import macd_lines, rsi_line
from .rolling import delayed, exponential_average, rolling_mean, rolling_zscore
from .rule_signal import RuleSignal


class FactorName(StrEnum):
    """The formulas; those of arXiv 2509.01393 that need price and volume only."""

    MOMENTUM_3 = "momentum_3"
    MOMENTUM_10 = "momentum_10"
    SMA_5_20 = "sma_5_20"
    EMA_10 = "ema_10"
    RSI_14 = "rsi_14"
    MACD = "macd"
    BOLLINGER = "bollinger"
    OBV = "obv"


def _momentum(sessions: int) -> Callable[[AdjustedSeries], Floats]:
    return lambda series: series.close / delayed(series.close, sessions) - 1


def _histogram(series: AdjustedSeries) -> Floats:
    line, average = macd_lines(series.close, 12, 26, 9)
    return (line - average) / series.close


def _ema_gap(series: AdjustedSeries) -> Floats:
    undefined = np.arange(len(series)) < 9
    return np.where(undefined, np.nan, series.close / exponential_average(series.close, 10) - 1)


def _balance_volume(series: AdjustedSeries) -> Floats:
    """Return on-balance volume (Granville 1963), less its mean of 20 sessions."""
    signs = np.sign(np.diff(series.close, prepend=series.close[:1]))
    total = np.cumsum(signs * series.volume)
    return total - rolling_mean(total, 20)


FORMULAS: Mapping[FactorName, Callable[[AdjustedSeries], Floats]] = MappingProxyType(
    {
        FactorName.MOMENTUM_3: _momentum(3),
        FactorName.MOMENTUM_10: _momentum(10),
        FactorName.SMA_5_20: lambda s: rolling_mean(s.close, 5) / rolling_mean(s.close, 20) - 1,
        FactorName.EMA_10: _ema_gap,
        FactorName.RSI_14: lambda s: rsi_line(s.close, 14) - 50,
        FactorName.MACD: _histogram,
        FactorName.BOLLINGER: lambda s: rolling_zscore(s.close, 20),
        FactorName.OBV: _balance_volume,
    }
)


class FactorSignal(RuleSignal):
    """Position in proportion to the z-score of a factor among its last `window` values, times `direction`.

    The position is full at a z-score of `full_at`.
    """

    factor: FactorName
    window: Annotated[int, Field(ge=5, le=252)] = 60
    full_at: Annotated[float, Field(gt=0, le=10)] = 2.0
    direction: Literal[-1, 1] = 1

    def _positions(self, series: AdjustedSeries) -> Floats:
        return self.direction * self._score(series) / self.full_at

    def explain(self, series: AdjustedSeries) -> str:
        return f"z-score of {self.factor} among {self.window} sessions {self._score(series)[-1]:+.2f}"

    def _score(self, series: AdjustedSeries) -> Floats:
        values = FORMULAS[self.factor](series)
        known = int(np.isnan(values).sum())
        return np.concatenate([values[:known], rolling_zscore(values[known:], self.window)])
