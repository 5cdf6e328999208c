"""What the broker charges for an execution."""

from dataclasses import dataclass
from enum import StrEnum

from .units import MICRO, divide_half_even


class CommissionKind(StrEnum):
    """Which tariff is used."""

    NONE = "none"
    PER_SHARE = "per_share"
    BPS = "bps"


@dataclass(frozen=True, slots=True)
class Commission:
    """A tariff. It is applied to what an order has executed so far, so partial fills pay the minimum once.

    Attributes:
        rate: per share in millionths of a minor unit (per_share), or basis points of the value (bps).
        minimum: least charge for an order in minor units.
        cap_bps: most charge for an order in basis points of its value; None for no cap. It wins over the minimum.
    """

    kind: CommissionKind = CommissionKind.NONE
    rate: int = 0
    minimum: int = 0
    cap_bps: int | None = None

    def total(self, quantity: int, quantity_scale: int, value: int) -> int:
        """Return the charge in minor units for an order that has executed `quantity` worth `value` minor units."""
        if self.kind is CommissionKind.NONE:
            return 0
        if self.kind is CommissionKind.PER_SHARE:
            charge = divide_half_even(quantity * self.rate, quantity_scale * MICRO)
        else:
            charge = divide_half_even(value * self.rate, 10_000)
        charge = max(charge, self.minimum)
        return charge if self.cap_bps is None else min(charge, divide_half_even(value * self.cap_bps, 10_000))
