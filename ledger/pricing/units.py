"""Conversion between decimals and integer units (ticks, quantity steps, minor units), and the ledger's rounding."""

from decimal import Decimal
from fractions import Fraction

from ...domain.errors import OrderRejected

MINOR = 100
"""Minor units (cents) in one unit of currency."""

MOST_DIGITS = 18
"""Most digits before or after the decimal point of a valid price or quantity."""

MICRO = 1_000_000
"""Accrual units in one minor unit, and micro-shares in one share."""


def divide_half_even(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to the nearest integer, ties to even. The only rounding in the ledger."""
    quotient, rest = divmod(numerator, denominator)
    if not rest:
        return quotient
    twice = 2 * rest - denominator
    if (
        (twice > 0 or (twice == 0 and quotient & 1))
        if denominator > 0
        else (twice < 0 or (twice == 0 and quotient & 1))
    ):
        return quotient + 1
    return quotient


def toward_zero(numerator: int, denominator: int) -> int:
    """Return numerator / denominator truncated toward zero; `denominator` is positive."""
    return numerator // denominator if numerator >= 0 else -(-numerator // denominator)


def exact_units(value: Decimal, scale: int, what: str) -> int:
    """Return `value` in units of 1/scale.

    Raises OrderRejected, naming `what`, when the value is not finite, has more than MOST_DIGITS digits or lies between
    two units.
    """
    if not value.is_finite() or abs(value.adjusted()) > MOST_DIGITS or len(value.as_tuple().digits) > MOST_DIGITS:
        raise OrderRejected(f"{what} is {value:.6g}; it must be a number of ordinary size")
    numerator, denominator = value.as_integer_ratio()
    units, rest = divmod(numerator * scale, denominator)
    if rest:
        raise OrderRejected(f"{what} {value} lies between two steps of 1/{scale}; round it to one of them")
    return units


def rounded_units(value: Decimal | Fraction, scale: int) -> int:
    """Return `value` in units of 1/scale, rounded to the nearest unit, ties to even."""
    numerator, denominator = value.as_integer_ratio()
    return divide_half_even(numerator * scale, denominator)


def to_decimal(units: int, scale: int) -> Decimal:
    """Return `units` of 1/scale as an exact decimal; `scale` is a power of ten."""
    return Decimal(units).scaleb(-(len(str(scale)) - 1))
