"""Rewards of the contest's factors and signals, from open to open (ContestTrade, arXiv 2508.00554)."""

import math
from collections.abc import Mapping

from ...domain.ids import Symbol

MOST_PERCENT = 20.0
"""Largest move, in percent, that counts for a factor."""
LARGEST_MOVE = 0.4
"""A signal's return beyond this fraction is taken for an error of the data."""


def factor_reward(
    ratings: Mapping[Symbol, float], opens: Mapping[Symbol, float], next_opens: Mapping[Symbol, float]
) -> float | None:
    """Return sum of [rating > 0] x rating x clip(100 (next open - open) / open, +-20) / number of rated symbols.

    A negative rating earns nothing and only counts in the divisor, as in the published code. Symbols without both
    prices are left out of sum and number; None if none remains. Raises ValueError for a rating that is not finite or a
    price that is not positive.
    """
    priced = [symbol for symbol in ratings if symbol in opens and symbol in next_opens]
    if not priced:
        return None
    if any(not math.isfinite(ratings[symbol]) for symbol in priced):
        raise ValueError("a rating must be finite")
    earned = 0.0
    for symbol in priced:
        percent = 100 * _change(opens[symbol], next_opens[symbol])
        earned += max(ratings[symbol], 0.0) * min(MOST_PERCENT, max(-MOST_PERCENT, percent))
    return earned / len(priced)


def signal_reward(side: int, open_: float, next_open: float) -> float | None:
    """Return the return from open to next open as a fraction, with flipped sign for a sell (`side` -1).

    None if the move is larger than 40 %, which is taken for an error of the data. Raises ValueError for another side or
    a price that is not positive.
    """
    if side not in (-1, 1):
        raise ValueError(f"the side of a signal is 1 or -1, not {side}")
    change = _change(open_, next_open)
    return side * change if abs(change) <= LARGEST_MOVE else None


def _change(open_: float, next_open: float) -> float:
    if not all(math.isfinite(price) and price > 0 for price in (open_, next_open)):
        raise ValueError(f"prices must be positive, not {open_} and {next_open}")
    return (next_open - open_) / open_
