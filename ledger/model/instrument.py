"""Tradable instruments and the integer scales of their prices and quantities."""

from dataclasses import dataclass
from decimal import Decimal

from ..pricing.units import MINOR, divide_half_even, to_decimal

SHARE_PRICE_SCALE = 10_000
"""Price steps of a share in one unit of currency. Accounts of earlier versions list shares in cents and keep them."""

PENCE_PRICE_SCALE = 1_000_000
"""Price steps, in one unit of currency, of a share that is quoted in hundredths of it; every step is a valid price."""

COIN_PRICE_SCALE = 100_000_000
"""Price steps of a coin in one unit of currency."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable instrument with its scales.

    Attributes:
        price_scale: price steps in one unit of currency, such as SHARE_PRICE_SCALE; 100 makes a step a cent.
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

    def tick(self, price: int) -> int:
        """Return the increment of limit and stop prices at `price`, in price steps.

        It is a cent for shares from 1.00 on and 0.0001 below (SEC Rule 612), and one price step for everything else.
        """
        if self.price_scale != SHARE_PRICE_SCALE or price < SHARE_PRICE_SCALE:
            return 1
        return SHARE_PRICE_SCALE // MINOR

    def to_tick(self, price: int) -> int:
        """Return the nearest valid limit or stop price, half to even, at least one tick."""
        tick = self.tick(price)
        return max(tick, divide_half_even(price, tick) * tick)

    def price(self, steps: int) -> Decimal:
        """Return a price in price steps as a decimal; a share price in whole cents has two decimals."""
        if self.price_scale == SHARE_PRICE_SCALE and not steps % (SHARE_PRICE_SCALE // MINOR):
            return to_decimal(steps // (SHARE_PRICE_SCALE // MINOR), MINOR)
        return to_decimal(steps, self.price_scale)

    @property
    def fractional(self) -> bool:
        """Return whether fractions of a share can be traded."""
        return self.quantity_scale > 1

    def money(self, price: int, quantity: int) -> int:
        """Return the value of `quantity` at `price` in minor units, with the sign of `quantity`."""
        if self.price_scale == MINOR and self.quantity_scale == 1:  # ticks times shares are minor units
            return price * quantity
        return divide_half_even(price * quantity * MINOR, self.price_scale * self.quantity_scale)
