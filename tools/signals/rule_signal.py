"""The shape of a rule expert: parameters, a position at every session, and an explanation of the last one."""

from abc import ABC, abstractmethod
from typing import Annotated, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ...market.adjustment import AdjustedSeries, Floats
from ...market.price_history import HISTORY_BARS

Sessions = Annotated[int, Field(ge=1, le=HISTORY_BARS // 2)]
"""A length of a window in sessions; a longer one leaves no history to trade on."""


class PositionSignal(Protocol):
    """Derives positions from adjusted bars.

    Contract: the position of a session depends on bars up to that session only, and does not change if all prices are
    multiplied by one factor.
    """

    def positions(self, series: AdjustedSeries) -> Floats:
        """Return the position after the close of every session, in [-1, 1], shape (n,); nan where it is undefined."""
        ...

    def explain(self, series: AdjustedSeries) -> str:
        """Return the figures behind the last position, as one clause; the last position must be defined."""
        ...


class RuleSignal(BaseModel, ABC):
    """A rule expert; its fields are its parameters. With `long_only`, a short position is replaced by none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    long_only: bool = False

    def positions(self, series: AdjustedSeries) -> Floats:
        """Return the position after the close of every session, in [-1, 1], shape (n,); nan where it is undefined."""
        positions = self._positions(series)
        return np.where(np.isnan(positions), np.nan, np.clip(positions, 0.0 if self.long_only else -1.0, 1.0))

    @abstractmethod
    def explain(self, series: AdjustedSeries) -> str:
        """Return the figures behind the last position, as one clause; the last position must be defined."""

    @abstractmethod
    def _positions(self, series: AdjustedSeries) -> Floats: ...
