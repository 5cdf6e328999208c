"""Rule experts that expect the price to revert, and the one that avoids volatile times."""

from typing import Annotated

import numpy as np
from pydantic import Field

from ...market.adjustment import AdjustedSeries, Floats
from .oscillators import slow_stochastic
from .rolling import (
    delayed,
    held,
    log_returns,
    rolling_deviation,
    rolling_median,
    rolling_zscore,
)
from .rule_signal import RuleSignal

Deviations = Annotated[float, Field(gt=0, le=10)]


class ReversalRule(RuleSignal):
    """Against the log return of the last `window` sessions, in proportion: fully at `full_at` deviations or more.

    A deviation is the standard deviation of the daily log returns of the `usual` sessions before the window, times
    sqrt(window). The effect is that of Jegadeesh, Journal of Finance 45 (1990).
    """

    window: Annotated[int, Field(ge=1, le=60)] = 5
    usual: Annotated[int, Field(ge=5, le=200)] = 60
    full_at: Deviations = 2.0

    def _positions(self, series: AdjustedSeries) -> Floats:
        return 0.0 - self._move(series) / self.full_at

    def explain(self, series: AdjustedSeries) -> str:
        return f"move of the last {self.window} sessions {self._move(series)[-1]:+.2f} usual deviations"

    def _move(self, series: AdjustedSeries) -> Floats:
        change = np.log(series.close) - delayed(np.log(series.close), self.window)
        spread = delayed(rolling_deviation(log_returns(series.close), self.usual, ddof=1), self.window)
        usual = spread * np.sqrt(self.window)
        return np.where(usual == 0, 0.0, change / np.where(usual == 0, 1.0, usual))


class ZScoreRule(RuleSignal):
    """Long after a z-score below -`threshold`, short after one above `threshold`; held until the opposite one.

    The z-score is that of the close among the last `window` closes, with the population standard deviation (FinAgent,
    arXiv 2402.18485, threshold 1).
    """

    window: Annotated[int, Field(ge=2, le=200)] = 20
    threshold: Deviations = 1.0

    def _positions(self, series: AdjustedSeries) -> Floats:
        score = rolling_zscore(series.close, self.window)
        events = np.where(score < -self.threshold, 1.0, np.where(score > self.threshold, -1.0, 0.0))
        return held(np.where(np.isnan(score), np.nan, events))

    def explain(self, series: AdjustedSeries) -> str:
        score = rolling_zscore(series.close, self.window)[-1]
        return f"z-score of the close among {self.window} sessions {score:+.2f}, thresholds +-{self.threshold:g}"


class StochasticBandsRule(RuleSignal):
    """Long after an oversold close below the lower Bollinger band, short after an overbought one above the upper band.

    Oversold and overbought are slow %K(14, 3) below `oversold` and above `overbought`; the bands are `width` population
    standard deviations around the average of 20 sessions. Held until the opposite event (FinAgent, arXiv 2402.18485).
    """

    lookback: Annotated[int, Field(ge=2, le=100)] = 14
    smoothing: Annotated[int, Field(ge=1, le=20)] = 3
    bands: Annotated[int, Field(ge=2, le=200)] = 20
    width: Deviations = 2.0
    oversold: Annotated[float, Field(ge=0, le=50)] = 20.0
    overbought: Annotated[float, Field(ge=50, le=100)] = 80.0

    def _positions(self, series: AdjustedSeries) -> Floats:
        level, score = self._figures(series)
        long = (level < self.oversold) & (score < -self.width)
        short = (level > self.overbought) & (score > self.width)
        events = np.where(long, 1.0, np.where(short, -1.0, 0.0))
        return held(np.where(np.isnan(level) | np.isnan(score), np.nan, events))

    def explain(self, series: AdjustedSeries) -> str:
        level, score = (figure[-1] for figure in self._figures(series))
        return (
            f"slow stochastic {level:.1f} of 100, close {score:+.2f} deviations from average "
            f"(bands at +-{self.width:g})"
        )

    def _figures(self, series: AdjustedSeries) -> tuple[Floats, Floats]:
        return slow_stochastic(series, self.lookback, self.smoothing), rolling_zscore(series.close, self.bands)


class LowVolatilityRule(RuleSignal):
    """Long while the volatility of `window` sessions is at most its median of `usual` sessions, otherwise no position.

    The rule is the two-step form of Moreira & Muir, "Volatility-managed portfolios", Journal of Finance 72 (2017).
    """

    window: Annotated[int, Field(ge=5, le=120)] = 20
    usual: Annotated[int, Field(ge=20, le=252)] = 126

    def _positions(self, series: AdjustedSeries) -> Floats:
        now, median = self._figures(series)
        return np.where(np.isnan(now) | np.isnan(median), np.nan, np.where(now <= median, 1.0, 0.0))

    def explain(self, series: AdjustedSeries) -> str:
        now, median = (figure[-1] for figure in self._figures(series))
        return f"daily volatility of {self.window} sessions {now:.2%}, median of {self.usual} sessions {median:.2%}"

    def _figures(self, series: AdjustedSeries) -> tuple[Floats, Floats]:
        now = rolling_deviation(log_returns(series.close), self.window, ddof=1)
        return now, rolling_median(now, self.usual)
