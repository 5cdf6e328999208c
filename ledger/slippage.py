"""What a fill costs against its reference price: fixed basis points, or half a spread and the square root of size."""

from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

from .fills import Row
from .units import half_even


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

    def price(self, reference: int, sign: int, shares: tuple[int, int], limit: int | None, row: Row) -> int:
        """Return the fill price: worse than `reference` by the model, inside the bar and never worse than `limit`.

        `shares` is the filled quantity with its scale.
        """
        if self.kind is SlippageKind.NONE:
            return reference
        slipped = reference + sign * self._ticks(reference, shares, row[4])
        slipped = max(row[2], min(row[1], slipped))
        return slipped if limit is None or sign * slipped <= sign * limit else limit

    def _ticks(self, reference: int, shares: tuple[int, int], volume: int) -> int:
        micro_bps = self.bps * 1_000_000
        if self.kind is SlippageKind.IMPACT:
            quantity, scale = shares
            micro_bps += self.impact_bps * isqrt(quantity * 10**12 // (scale * volume))
        return half_even(reference * micro_bps, 10_000 * 1_000_000)
