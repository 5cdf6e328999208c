"""Commission schedules."""

from dataclasses import dataclass
from enum import StrEnum

from .units import MICRO, divide_half_even


class CommissionKind(StrEnum):
    """The type of a commission schedule."""

    NONE = "none"
    PER_SHARE = "per_share"
    BPS = "bps"


@dataclass(frozen=True, slots=True)
class Commission:
    """A commission schedule. It applies to an order's cumulative fills, so partial fills pay the minimum once.

    Attributes:
        rate: millionths of a minor unit per share (per_share), or basis points of the value (bps).
        minimum: minimum commission of an order in minor units.
        cap_bps: maximum commission in basis points of the order's value; None for no cap. It overrides the minimum.
    """

    kind: CommissionKind = CommissionKind.NONE
    rate: int = 0
    minimum: int = 0
    cap_bps: int | None = None

    def total(self, quantity: int, quantity_scale: int, value: int) -> int:
        """Return the commission in minor units of an order that has filled `quantity` worth `value` minor units.

        `quantity` is in steps of 1/`quantity_scale` share.
        """
        if self.kind is CommissionKind.NONE:
            return 0
        if self.kind is CommissionKind.PER_SHARE:
            charge = divide_half_even(quantity * self.rate, quantity_scale * MICRO)
        else:
            charge = divide_half_even(value * self.rate, 10_000)
        charge = max(charge, self.minimum)
        return charge if self.cap_bps is None else min(charge, divide_half_even(value * self.cap_bps, 10_000))
