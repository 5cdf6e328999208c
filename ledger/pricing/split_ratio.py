"""Recovery of a split's exact ratio from a rounded decimal."""

from decimal import Decimal
from fractions import Fraction

MARGIN = 10
"""Safety factor against coincidences: a fraction n/d replaces the decimal only if n * d * MARGIN <= 10^digits."""


def exact_ratio(ratio: Decimal) -> Fraction:
    """Return the ratio of a split as an exact fraction: new shares per old share.

    Sources report ratios such as 1:3 or 1:1783 as rounded decimals. The simplest fraction n/d that rounds to the
    reported digits replaces the decimal if n * d * MARGIN is at most 10^digits, because an interval of width 10^-digits
    rarely contains such a simple fraction by chance. Otherwise the decimal itself is returned. Raises ValueError for a
    ratio that is not positive and finite.
    """
    if not ratio.is_finite() or ratio <= 0:
        raise ValueError(f"the split ratio {ratio} is not positive and finite")
    exact, exponent = Fraction(ratio), ratio.as_tuple().exponent
    assert isinstance(exponent, int), "finite decimals have an exponent"
    if exponent >= 0:
        return exact
    unit = Fraction(1, 10**-exponent)
    simple = simplest_between(max(exact - unit / 2, Fraction(0)), exact + unit / 2)
    return simple if simple.numerator * simple.denominator * MARGIN * unit <= 1 else exact


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the smallest denominator in [low, high], 0 <= low < high (by continued fractions)."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(max(whole, 1)) if high >= 1 or whole else Fraction(whole)
    floor = low.numerator // low.denominator
    return floor + 1 / simplest_between(1 / (high - floor), 1 / (low - floor))
