"""Rule experts that follow the price."""

from typing import Self

import numpy as np
from pydantic import model_validator

from ...market.adjustment import AdjustedSeries, Floats
from .rolling import delayed, rolling_highest, rolling_lowest, rolling_mean
from .rule_signal import RuleSignal, Sessions


class TrendRule(RuleSignal):
    """Long while the fast simple moving average is above the slow one, short while it is below."""

    fast: Sessions = 20
    slow: Sessions = 60

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError(f"fast ({self.fast}) must be below slow ({self.slow})")
        return self

    def _positions(self, series: AdjustedSeries) -> Floats:
        return np.sign(self._gap(series))

    def explain(self, series: AdjustedSeries) -> str:
        gap = self._gap(series)[-1]
        return f"average of {self.fast} sessions {gap:+.2%} against that of {self.slow} sessions"

    def _gap(self, series: AdjustedSeries) -> Floats:
        return rolling_mean(series.close, self.fast) / rolling_mean(series.close, self.slow) - 1


class PositionRule(RuleSignal):
    """Long while the close is above its simple moving average of `window` sessions, otherwise no position.

    Faber, "A quantitative approach to tactical asset allocation", Journal of Wealth Management (2007), which uses ten
    months.
    """

    window: Sessions = 200

    def _positions(self, series: AdjustedSeries) -> Floats:
        gap = self._gap(series)
        return np.where(np.isnan(gap), np.nan, np.where(gap > 0, 1.0, 0.0))

    def explain(self, series: AdjustedSeries) -> str:
        return f"close {self._gap(series)[-1]:+.2%} against its average of {self.window} sessions"

    def _gap(self, series: AdjustedSeries) -> Floats:
        return series.close / rolling_mean(series.close, self.window) - 1


class MomentumRule(RuleSignal):
    """Long after a rise from `window` to `skip` sessions ago, short after a fall.

    The skip leaves out the short-term reversal, as in Jegadeesh & Titman, Journal of Finance 48 (1993).
    """

    window: Sessions = 100
    skip: Sessions = 21

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.skip >= self.window:
            raise ValueError(f"skip ({self.skip}) must be below window ({self.window})")
        return self

    def _positions(self, series: AdjustedSeries) -> Floats:
        return np.sign(self._change(series))

    def explain(self, series: AdjustedSeries) -> str:
        return f"return from {self.window} to {self.skip} sessions ago {self._change(series)[-1]:+.2%}"

    def _change(self, series: AdjustedSeries) -> Floats:
        return delayed(series.close, self.skip) / delayed(series.close, self.window) - 1


class BreakoutRule(RuleSignal):
    """Long after a close above the highest high of the `entry` sessions before, short after one below the lowest low.

    A position ends with a close beyond the opposite extreme of the `leave` sessions before (Donchian channels).
    """

    entry: Sessions = 20
    leave: Sessions = 10

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave > self.entry:
            raise ValueError(f"leave ({self.leave}) must not be above entry ({self.entry})")
        return self

    def _positions(self, series: AdjustedSeries) -> Floats:
        top, bottom = self._channel(series, self.entry)
        upper, lower = self._channel(series, self.leave)
        result, position = np.full(len(series), np.nan), 0.0
        for place in range(self.entry, len(series)):
            close = series.close[place]
            if (position > 0 and close < lower[place]) or (position < 0 and close > upper[place]):
                position = 0.0
            if close > top[place]:
                position = 1.0
            elif close < bottom[place]:
                position = -1.0
            result[place] = position
        return result

    def explain(self, series: AdjustedSeries) -> str:
        top, bottom = (float(edge[-1]) for edge in self._channel(series, self.entry))
        close = float(series.close[-1])
        return (
            f"close {close / top - 1:+.2%} to the high and {close / bottom - 1:+.2%} to the low of the {self.entry} "
            "sessions before"
        )

    def _channel(self, series: AdjustedSeries, window: int) -> tuple[Floats, Floats]:
        """Return the highest high and lowest low of the `window` sessions before each session."""
        return delayed(rolling_highest(series.high, window), 1), delayed(rolling_lowest(series.low, window), 1)
