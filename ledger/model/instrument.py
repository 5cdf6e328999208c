"""Tradable instruments and the integer scales of their prices and quantities."""

from dataclasses import dataclass

from ..pricing.units import MINOR, divide_half_even


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable instrument with its scales.

    Attributes:
        price_scale: price steps in one unit of currency; 100 makes a tick a cent.
        quantity_scale: quantity steps in one share; 1 for whole shares, 1,000,000 for micro-shares.
        lot: smallest tradable quantity and increment of all quantities, in quantity steps.
        shortable: whether shares can be located for a short sale.
        borrow_bps: yearly fee for borrowed shares, in basis points of their value.
    """

    symbol: str
    price_scale: int = 100
    quantity_scale: int = 1
    lot: int = 1
    shortable: bool = True
    borrow_bps: int = 0

    @property
    def fractional(self) -> bool:
        """Return whether fractions of a share can be traded."""
        return self.quantity_scale > 1

    def money(self, price: int, quantity: int) -> int:
        """Return the value of `quantity` at `price` in minor units, with the sign of `quantity`."""
        if self.price_scale == MINOR and self.quantity_scale == 1:  # ticks times shares are minor units
            return price * quantity
        return divide_half_even(price * quantity * MINOR, self.price_scale * self.quantity_scale)
