"""Rounding and formatting of numbers in evidence."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

SIX_DIGITS = Context(prec=6, rounding=ROUND_HALF_EVEN)


def round_significant(value: float | Decimal) -> Decimal:
    """Return `value` rounded to six significant digits (half to even), without trailing zeros."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return plain_decimal(SIX_DIGITS.create_decimal(exact))


def plain_decimal(value: Decimal) -> Decimal:
    """Return `value` unrounded, without trailing zeros, exponent or negative zero."""
    return Decimal(format(value.normalize(), "f")) if value else Decimal(0)


def format_amount(value: Decimal) -> str:
    """Return `value` scaled to billions or millions: `391.0 bn`, `-2.7 mn`, `14.30`."""
    for size, unit in ((Decimal(10) ** 9, " bn"), (Decimal(10) ** 6, " mn")):
        if abs(value) >= size:
            return f"{value / size:,.1f}{unit}"
    return f"{value:,.2f}"
