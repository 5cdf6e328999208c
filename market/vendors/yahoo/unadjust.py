"""Reversal of Yahoo's split adjustment, to recover prices, volumes and dividends as traded and paid.

Yahoo divides every price and dividend before a split by its ratio, and multiplies every volume by it, even if yfinance
is called without adjustment (https://github.com/ranaroussi/yfinance/issues/2611). A spin-off is listed among the splits
with a fractional ratio. Prices are in single precision; adjusted prices were rounded to six decimals first.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

STORED_STEP = Decimal("0.000001")
MOST_DECIMALS = 16
SINGLE_BITS = 24
MIN_DETECTABLE_SPLIT = 1.4
"""Minimum ratio of a split whose missing adjustment can be detected in the prices."""


@dataclass(frozen=True, slots=True)
class SplitHistory:
    """Ratios (new shares per old share) of all splits of one ticker up to the response time, by ex-date."""

    ratios: Mapping[date, Decimal]

    def growth(self, day: date) -> Decimal:
        """Return the number of current shares that one share of `day` has become."""
        return math.prod((ratio for ex_date, ratio in self.ratios.items() if ex_date > day), start=Decimal(1))

    def missed(self, closes: Sequence[tuple[date, float]]) -> date | None:
        """Return the ex-date of a split for which `closes` (day, close; oldest first) do not appear adjusted, or None.

        In an adjusted history there is no jump at a split. A change closer to the ratio than to zero (in logarithms)
        shows that the history is not adjusted. A split without a bar on or after its ex-date cannot be confirmed and is
        returned too. Splits below MIN_DETECTABLE_SPLIT or before the first bar are not checked.
        """
        days = [day for day, _ in closes]
        for ex_date, ratio in self.ratios.items():
            place, step = bisect_left(days, ex_date), math.log(ratio)
            if abs(step) <= math.log(MIN_DETECTABLE_SPLIT) or place == 0:
                continue
            if place == len(days):
                return ex_date
            change = math.log(closes[place][1] / closes[place - 1][1])
            if abs(change + step) < abs(change):
                return ex_date
        return None


def split_ratio(quotient: float) -> Decimal:
    """Return the ratio of a split, rounded from the float of yfinance to 10 significant digits."""
    return Decimal(f"{quotient:.10g}")


def unadjust_price(value: float, growth: Decimal) -> Decimal:
    """Return the original price or dividend for Yahoo's `value`, where one share has become `growth` shares since.

    The result is the shortest decimal number consistent with Yahoo's rounding, so that prices in cents are recovered
    exactly.
    """
    exact, slack = Decimal(value) * growth, _slack(value, growth)
    for decimals in range(MOST_DECIMALS):
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        if abs(rounded - exact) <= slack:
            return rounded
    return exact.quantize(Decimal(1).scaleb(-MOST_DECIMALS))


def unadjust_volume(value: float, growth: Decimal) -> Decimal:
    """Return the original volume in whole shares."""
    return (Decimal(value) / growth).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


def _slack(value: float, growth: Decimal) -> Decimal:
    """Return the maximum rounding error: half a step of single precision, and if adjusted half of a sixth decimal."""
    half_step = Decimal(2.0 ** (math.frexp(value)[1] - SINGLE_BITS - 1))
    return (half_step if growth == 1 else half_step + STORED_STEP / 2) * growth
