"""Signals of TA-Lib's functions: candlestick patterns, averages and oscillators around zero."""

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field, model_validator

from ...domain.errors import ConfigError
from ...market.adjustment import AdjustedSeries, Floats
from ...market.price_history import HISTORY_BARS
from .rule_signal import RuleSignal

PATTERNS = "Pattern Recognition"
AVERAGES = frozenset(
    {"DEMA", "EMA", "HT_TRENDLINE", "KAMA", "MIDPOINT", "MIDPRICE", "SAR", "SMA", "T3", "TEMA", "TRIMA", "WMA"}
)
"""Functions on the scale of prices: the position is the side of the close."""
AROUND_ZERO = frozenset({"AROONOSC", "APO", "BOP", "CMO", "LINEARREG_SLOPE", "MOM", "PPO", "ROC", "TRIX"})
"""Functions around zero: the position is the sign."""


class LibrarySignal(RuleSignal):
    """A function of TA-Lib, its `settings`, and for a pattern the number of sessions that its position is held."""

    function: str
    hold: Annotated[int, Field(ge=1, le=60)] = 5
    settings: Mapping[str, int | float] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = _function(self.function)
        if known.info["group"] != PATTERNS and self.function not in AVERAGES | AROUND_ZERO:
            raise ValueError(
                f"{self.function} gives no position; use a candlestick pattern (CDL...) or one of "
                f"{', '.join(sorted(AVERAGES | AROUND_ZERO))}"
            )
        if unknown := sorted(self.settings.keys() - known.info["parameters"].keys()):
            accepted = ", ".join(known.info["parameters"]) or "none"
            raise ValueError(f"{self.function} has no parameter {unknown[0]!r}; it has {accepted}")
        if not 0 <= self._configured().lookback <= HISTORY_BARS // 2:
            raise ValueError(f"the settings {dict(self.settings)} are out of range for {self.function}")
        return self

    def _positions(self, series: AdjustedSeries) -> Floats:
        values = self._values(series)
        if self._is_pattern:
            return _held_for(values, self.hold)
        return np.sign(series.close - values if self.function in AVERAGES else values)

    def explain(self, series: AdjustedSeries) -> str:
        values = self._values(series)
        if self._is_pattern:
            return f"last pattern within {self.hold} sessions: {_bias(float(_held_for(values, self.hold)[-1]))}"
        if self.function in AVERAGES:
            return f"close {series.close[-1] / values[-1] - 1:+.2%} against {self.function}"
        return f"{self.function} {values[-1]:+.4g}"

    @property
    def _is_pattern(self) -> bool:
        return bool(_function(self.function).info["group"] == PATTERNS)

    def _values(self, series: AdjustedSeries) -> Floats:
        """Return the function's output, shape (n,); nan where it needs earlier bars."""
        function = self._configured()
        names = ("open", "high", "low", "close", "volume")
        output = function({name: np.ascontiguousarray(getattr(series, name)) for name in names})
        values = np.asarray(output, dtype=np.float64)
        return np.where(np.arange(len(series)) < function.lookback, np.nan, values)

    def _configured(self) -> Any:
        """Return the function with the settings; raises ValueError for one of the wrong type."""
        function = _function(self.function)
        try:
            function.parameters = dict(self.settings)
        except TypeError as error:
            raise ValueError(str(error)) from error
        return function


def _function(name: str) -> Any:
    """Return a fresh instance of TA-Lib's abstract function; raises ValueError for an unknown name."""
    library = _library()
    if name not in library.get_functions():
        raise ValueError(f"TA-Lib has no function {name!r}")
    return import_module("talib.abstract").Function(name)


def _library() -> ModuleType:
    try:
        return import_module("..talib_import", __package__).talib  # type: ignore[no-any-return]
    except ImportError as error:
        raise ConfigError("library signals need TA-Lib; install it with: pip install TA-Lib") from error


def _held_for(values: Floats, hold: int) -> Floats:
    """Return the sign of the last value that is not 0 within `hold` sessions, otherwise 0; nan where undefined."""
    events = np.nan_to_num(np.sign(values))
    places = np.arange(len(values))
    last = np.maximum.accumulate(np.where(events != 0, places, -hold)) if len(values) else places
    return np.where(np.isnan(values), np.nan, np.where(places - last < hold, events[last], 0.0))


def _bias(position: float) -> str:
    return "bullish" if position > 0 else "bearish" if position < 0 else "none"
