"""Rule experts that trade when two lines cross."""

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from ...market.adjustment import AdjustedSeries, Floats
from .oscillators import kdj_lines, macd_lines, rsi_line
from .rolling import crossings, held
from .rule_signal import RuleSignal, Sessions

Level = Annotated[float, Field(ge=0, le=100)]


class MacdCrossRule(RuleSignal):
    """Long after the MACD line crosses above its signal line, short after it crosses below (FinAgent: EMA 7 and 14)."""

    fast: Sessions = 7
    slow: Sessions = 14
    signal: Sessions = 9

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError(f"fast ({self.fast}) must be below slow ({self.slow})")
        return self

    def _positions(self, series: AdjustedSeries) -> Floats:
        return held(crossings(*macd_lines(series.close, self.fast, self.slow, self.signal)))

    def explain(self, series: AdjustedSeries) -> str:
        line, average = (each[-1] for each in macd_lines(series.close, self.fast, self.slow, self.signal))
        return (
            f"MACD({self.fast}/{self.slow}/{self.signal}) {(line - average) / series.close[-1]:+.2%} of the close "
            "against its signal line"
        )


class KdjCrossRule(RuleSignal):
    """Long after K crosses above D with a low RSI, short after K crosses below D with a high RSI (FinAgent).

    KDJ(9, 3) and RSI(14); a low RSI is below `low`, a high one above `high`.
    """

    window: Annotated[int, Field(ge=2, le=100)] = 9
    smoothing: Annotated[int, Field(ge=1, le=20)] = 3
    rsi: Annotated[int, Field(ge=2, le=100)] = 14
    low: Level = 40.0
    high: Level = 60.0

    def _positions(self, series: AdjustedSeries) -> Floats:
        cross = crossings(*kdj_lines(series, self.window, self.smoothing))
        strength = rsi_line(series.close, self.rsi)
        long, short = (cross > 0) & (strength < self.low), (cross < 0) & (strength > self.high)
        events = np.where(long, 1.0, np.where(short, -1.0, 0.0))
        return held(np.where(np.isnan(cross) | np.isnan(strength), np.nan, events))

    def explain(self, series: AdjustedSeries) -> str:
        k, d = (line[-1] for line in kdj_lines(series, self.window, self.smoothing))
        strength = rsi_line(series.close, self.rsi)[-1]
        return f"K {k:.1f} and D {d:.1f} of 100, RSI({self.rsi}) {strength:.1f} (limits {self.low:g} and {self.high:g})"
