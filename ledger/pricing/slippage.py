"""What a fill costs against its reference price: fixed basis points, or half a spread and the square root of size."""

from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

from .integer_bar import IntegerBar
from .units import MICRO, divide_half_even


class SlippageKind(StrEnum):
    """Which formula is used."""

    NONE = "none"
    FIXED = "fixed"
    IMPACT = "impact"


@dataclass(frozen=True, slots=True)
class Slippage:
    """A slippage model; its name goes into every fill.

    Attributes:
        bps: basis points of the reference price: the whole cost (fixed) or half the spread (impact).
        impact_bps: cost in basis points of a fill as large as the bar's volume; it grows with the square root of
            participation (the square-root law of market impact; Barra 1997, Almgren et al. 2005).
    """

    kind: SlippageKind = SlippageKind.NONE
    bps: int = 0
    impact_bps: int = 0

    @property
    def name(self) -> str:
        """Return kind and parameters with the version of the formula."""
        return f"{self.kind}/1:{self.bps}:{self.impact_bps}"

    def price(self, reference: int, sign: int, shares: tuple[int, int], limit: int | None, bar: IntegerBar) -> int:
        """Return the fill price: worse than `reference` by the model, inside the bar and never worse than `limit`.

        `shares` is the filled quantity with its scale.
        """
        if self.kind is SlippageKind.NONE:
            return reference
        impact = self._impact(shares, bar.volume) if self.kind is SlippageKind.IMPACT else 0
        return _clamped(reference + sign * self._ticks(reference, impact), sign, limit, bar.low, bar.high)

    def extremes(self, reference: int, sign: int, limit: int | None, low: int, high: int) -> tuple[int, int]:
        """Return the best and the worst price that `price` can have returned on a bar of that range, at any volume."""
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
    """Return a price pulled back into the bar, and to the limit where it is beyond it."""
    price = max(low, min(high, price))
    return price if limit is None or sign * price <= sign * limit else limit
