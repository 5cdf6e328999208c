"""Budgets of the analysts in the prediction market, updated by outcomes."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from ...tools.signals.fusion import Bet, OutcomeClass, fuse_bets

LEARNING_RATE = 0.05
FLOOR_SHARE = 0.01
"""Least budget as a share of the mean budget, before budgets are rescaled to the old total."""


def updated_budgets(
    budgets: Mapping[str, float], bets: Sequence[Bet], outcome: OutcomeClass, *, rate: float = LEARNING_RATE
) -> dict[str, float]:
    """Return the budgets of all analysts after the outcome y of the bets is known.

    An analyst that bet has beta <- (1 - eta) beta + eta beta phi_y / c_y (arXiv 1102.1465), which keeps the total of
    those that bet. Then its budget is at least 1 % of the mean of all budgets, and the budgets of those that bet are
    rescaled to their old total. Analysts that abstained keep their budgets. If no analyst gave the outcome a
    probability above 0, the ratio is undefined and all budgets stay.

    Args:
        budgets: budget of every analyst, above 0.
        bets: the bets, with the budgets at the time of the bet; only `budgets` are updated.
        outcome: the class of the return that followed.
        rate: eta, in (0, 1].

    Raises:
        ValueError: the rate or a budget is invalid, or an analyst without a budget has bet.
    """
    _check(budgets, bets, rate)
    current = [Bet(bet.analyst, budgets[bet.analyst], bet.probabilities) for bet in bets]
    forecast = fuse_bets(current)
    if forecast is None or forecast.prices[outcome] == 0:
        return dict(budgets)
    price = forecast.prices[outcome]
    moved = {bet.analyst: bet.budget * (1 - rate + rate * bet.probabilities[outcome] / price) for bet in current}
    least = FLOOR_SHARE * fmean(budgets.values())
    raised = {name: max(value, least) for name, value in moved.items()}
    scale = sum(budgets[name] for name in raised) / sum(raised.values())
    return {name: raised[name] * scale if name in raised else value for name, value in budgets.items()}


def equal_budgets(analysts: Sequence[str]) -> dict[str, float]:
    """Return a budget of 1 for every analyst, the start before any outcome is known."""
    return dict.fromkeys(analysts, 1.0)


def _check(budgets: Mapping[str, float], bets: Sequence[Bet], rate: float) -> None:
    if not 0 < rate <= 1:
        raise ValueError(f"the learning rate must be above 0 and at most 1, not {rate}")
    if wrong := [name for name, value in budgets.items() if not (math.isfinite(value) and value > 0)]:
        raise ValueError(f"the budget of {wrong[0]} must be positive, not {budgets[wrong[0]]}")
    if missing := [bet.analyst for bet in bets if bet.analyst not in budgets]:
        raise ValueError(f"{missing[0]} has bet without a budget")
