"""Prices of an artificial prediction market: the probabilities of several analysts, fused by their budgets.

Barbu & Lay, "An introduction to artificial prediction markets for classification", JMLR 13 (2012), arXiv 1102.1465.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SUM_TOLERANCE = 1e-6


class OutcomeClass(StrEnum):
    """The class of a return over the horizon, in standard deviations of the horizon."""

    DOWN = "down"
    FLAT = "flat"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Bet:
    """The bet of one analyst: `probabilities` (phi) of all outcomes with sum 1, and its `budget` (beta), above 0.

    An analyst that abstains makes no bet. Raises ValueError for an invalid probability or budget.
    """

    analyst: str
    budget: float
    probabilities: Mapping[OutcomeClass, float]

    def __post_init__(self) -> None:
        """Check budget and probabilities."""
        if not (math.isfinite(self.budget) and self.budget > 0):
            raise ValueError(f"the budget of {self.analyst} must be positive, not {self.budget}")
        values = self.probabilities.values()
        if set(self.probabilities) != set(OutcomeClass) or any(not 0 <= value <= 1 for value in values):
            raise ValueError(f"{self.analyst} must give a probability from 0 to 1 to {', '.join(OutcomeClass)}")
        if abs(sum(values) - 1) > SUM_TOLERANCE:
            raise ValueError(f"the probabilities of {self.analyst} have the sum {sum(values):g}, not 1")


@dataclass(frozen=True, slots=True)
class MarketForecast:
    """The prices of the outcomes, which are the fused probabilities; their sum is 1."""

    prices: Mapping[OutcomeClass, float]

    @property
    def conviction(self) -> float:
        """Return the price of up less that of down, in [-1, 1]."""
        return self.prices[OutcomeClass.UP] - self.prices[OutcomeClass.DOWN]

    @property
    def direction(self) -> OutcomeClass:
        """Return the outcome with the highest price; flat if two share it."""
        highest = max(self.prices.values())
        best = [outcome for outcome, price in self.prices.items() if math.isclose(price, highest, rel_tol=1e-12)]
        return best[0] if len(best) == 1 else OutcomeClass.FLAT


def fuse_bets(bets: Sequence[Bet]) -> MarketForecast | None:
    """Return the prices c_k = sum(beta phi_k) / sum(beta); None if all abstain.

    Raises ValueError if an analyst bets twice.
    """
    if len({bet.analyst for bet in bets}) < len(bets):
        raise ValueError("an analyst bets at most once")
    if not bets:
        return None
    highest = max(bet.budget for bet in bets)  # divided first, so that sums of huge budgets are finite
    shares = [bet.budget / highest for bet in bets]
    total = sum(shares)
    return MarketForecast(
        {
            outcome: sum(share * bet.probabilities[outcome] for share, bet in zip(shares, bets, strict=True)) / total
            for outcome in OutcomeClass
        }
    )


def classify_outcome(deviations: float, *, band: float = 0.5) -> OutcomeClass:
    """Return up above +`band` standard deviations of the horizon, down below -`band`, flat within.

    Raises ValueError if `deviations` is not finite.
    """
    if not math.isfinite(deviations):
        raise ValueError(f"a return of {deviations} deviations has no class")
    if abs(deviations) <= band:
        return OutcomeClass.FLAT
    return OutcomeClass.UP if deviations > 0 else OutcomeClass.DOWN
