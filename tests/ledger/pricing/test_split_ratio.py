"""Ratios of splits are exact, whatever their size and however a source rounds them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.ledger.pricing.split_ratio import exact_ratio


@pytest.mark.parametrize(
    ("printed", "ratio"),
    [
        ("2", Fraction(2)),
        ("10", Fraction(10)),
        ("1.5", Fraction(3, 2)),
        ("0.5", Fraction(1, 2)),
        ("0.1", Fraction(1, 10)),
        ("0.05", Fraction(1, 20)),
        ("0.3333333333", Fraction(1, 3)),
        ("0.333", Fraction(1, 3)),
        ("0.0667", Fraction(1, 15)),
        ("0.0005", Fraction(1, 2000)),
        ("0.0006666666667", Fraction(1, 1500)),
        ("0.000560852496", Fraction(1, 1783)),
        ("1.0215", Fraction(10215, 10000)),
        ("1000", Fraction(1000)),
        ("0.00000001", Fraction(1, 10**8)),
    ],
)
def test_the_fraction_behind_a_printed_decimal_is_found(printed, ratio):
    assert exact_ratio(Decimal(printed)) == ratio


@given(st.integers(1, 5000), st.booleans())
def test_every_split_of_n_for_one_and_one_for_n_is_exact(number, reverse):
    ratio = Fraction(1, number) if reverse else Fraction(number)
    printed = round(Decimal(ratio.numerator) / Decimal(ratio.denominator), 12)
    assert exact_ratio(printed) == ratio


@given(st.decimals("0.0001", "10000", places=6))
def test_the_fraction_rounds_to_the_printed_decimal(printed):
    assert abs(exact_ratio(printed) - Fraction(printed)) <= Fraction(1, 2 * 10**6)


@pytest.mark.parametrize("printed", ["0", "-1", "NaN", "Infinity"])
def test_an_impossible_ratio_is_refused(printed):
    with pytest.raises(ValueError, match="not positive and finite"):
        exact_ratio(Decimal(printed))
