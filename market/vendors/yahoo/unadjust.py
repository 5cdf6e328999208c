"""Yahoo's history, taken back to what was traded and paid at the time.

Yahoo divides every price and dividend, and multiplies every volume, before a split by its ratio, even where the library
is asked not to adjust (https://github.com/ranaroussi/yfinance/issues/2611). A spin-off stands among its splits as a
fractional ratio. Prices come in single precision; what was divided was rounded to six decimals first.
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
"""A ratio from which on a split that Yahoo has not yet worked into its history shows in the prices."""


@dataclass(frozen=True, slots=True)
class SplitHistory:
    """Every split of one ticker from some day up to the moment of the answer, by ex-date."""

    ratios: Mapping[date, Decimal]

    def growth(self, day: date) -> Decimal:
        """Return how many shares of today one share of `day` has become."""
        return math.prod((ratio for ex_date, ratio in self.ratios.items() if ex_date > day), start=Decimal(1))

    def missed(self, closes: Sequence[tuple[date, float]]) -> date | None:
        """Return the ex-date of a split that the closes (day and close, oldest first) do not confirm, if any.

        Around a split the prices of an adjusted history go on as on any other day; a change that is nearer to the ratio
        than to none says that the history still stands on its old footing. Before the first bar on the new footing
        nothing says on which one it stands. Small ratios are lost among ordinary changes and taken on trust.
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
    """Return the ratio of a split, which the library gives as a binary fraction."""
    return Decimal(f"{quotient:.10g}")


def unadjust_price(value: float, growth: Decimal) -> Decimal:
    """Return what was traded or paid where Yahoo says `value` and a share has become `growth` shares since.

    It is the shortest decimal number that Yahoo's rounding could have come from, so that cents come out as cents.
    """
    exact, slack = Decimal(value) * growth, _slack(value, growth)
    for decimals in range(MOST_DECIMALS):
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
        if abs(rounded - exact) <= slack:
            return rounded
    return exact.quantize(Decimal(1).scaleb(-MOST_DECIMALS))


def unadjust_volume(value: float, growth: Decimal) -> Decimal:
    """Return the number of shares of the time, which is a whole one."""
    return (Decimal(value) / growth).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


def _slack(value: float, growth: Decimal) -> Decimal:
    """Return how far the true price may be from Yahoo's: half a step of single precision, and of its six decimals."""
    half_step = Decimal(2.0 ** (math.frexp(value)[1] - SINGLE_BITS - 1))
    return (half_step if growth == 1 else half_step + STORED_STEP / 2) * growth
