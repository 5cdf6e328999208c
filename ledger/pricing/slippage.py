"""Slippage models: none, fixed basis points, or half the spread plus square-root market impact."""

from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

from .integer_bar import IntegerBar
from .units import MICRO, divide_half_even


class SlippageKind(StrEnum):
    """The type of a slippage model."""

    NONE = "none"
    FIXED = "fixed"
    IMPACT = "impact"


@dataclass(frozen=True, slots=True)
class Slippage:
    """A slippage model; its name is stored with every fill.

    Attributes:
        bps: basis points of the reference price: the total slippage (fixed) or half the spread (impact).
        impact_bps: impact in basis points of a fill as large as the bar's volume. The impact is proportional to the
            square root of participation (square-root law of market impact; Barra 1997, Almgren et al. 2005).
    """

    kind: SlippageKind = SlippageKind.NONE
    bps: int = 0
    impact_bps: int = 0

    @property
    def name(self) -> str:
        """Return the model's name: kind, formula version and parameters."""
        return f"{self.kind}/1:{self.bps}:{self.impact_bps}"

    def price(self, reference: int, sign: int, shares: tuple[int, int], limit: int | None, bar: IntegerBar) -> int:
        """Return the fill price in ticks: `reference` plus slippage, within the bar's range and `limit`.

        `shares` is the filled quantity in quantity steps, and the quantity scale.
        """
        if self.kind is SlippageKind.NONE:
            return reference
        impact = self._impact(shares, bar.volume) if self.kind is SlippageKind.IMPACT else 0
        return _clamped(reference + sign * self._ticks(reference, impact), sign, limit, bar.low, bar.high)

    def extremes(self, reference: int, sign: int, limit: int | None, low: int, high: int) -> tuple[int, int]:
        """Return the best and worst prices that `price` can return on a bar with that range, at any volume."""
        if self.kind is SlippageKind.NONE:
            return reference, reference
        best = _clamped(reference + sign * self._ticks(reference, 0), sign, limit, low, high)
        if self.kind is SlippageKind.FIXED or not self.impact_bps:
            return best, best
        return best, _clamped(high if sign > 0 else low, sign, limit, low, high)

    def _impact(self, shares: tuple[int, int], volume: int) -> int:
        quantity, scale = shares
        return self.impact_bps * isqrt(quantity * 10**12 // (scale * volume))

    def _ticks(self, reference: int, impact: int) -> int:
        return divide_half_even(reference * (self.bps * MICRO + impact), 10_000 * MICRO)


def _clamped(price: int, sign: int, limit: int | None, low: int, high: int) -> int:
    """Return `price` clamped to the bar's range and to `limit`."""
    price = max(low, min(high, price))
    return price if limit is None or sign * price <= sign * limit else limit
