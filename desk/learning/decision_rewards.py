"""Rewards and labels of past decisions (TradingGroup, arXiv 2508.17565)."""

import math
from collections.abc import Sequence
from enum import StrEnum

BENCHMARK_SHARE, COST_SHARE = 0.2, 1.0
LABELLED_DAYS = 20
"""Days that a reflection looks back over."""


class DecisionLabel(StrEnum):
    """Whether a decision paid, by the sign of its reward. The source names no rule for this label."""

    PAID = "paid"
    NEUTRAL = "neutral"
    COST = "cost"


def decision_reward(equity_return: float, benchmark_return: float, cost: float) -> float:
    """Return equity return - 0.2 x benchmark return - 1.0 x cost, all as fractions of equity.

    Raises ValueError if a figure is not finite or the cost is negative.
    """
    if not all(map(math.isfinite, (equity_return, benchmark_return, cost))) or cost < 0:
        raise ValueError(f"invalid figures: {equity_return}, {benchmark_return} and a cost of {cost}")
    return equity_return - BENCHMARK_SHARE * benchmark_return - COST_SHARE * cost


def label_decision(reward: float) -> DecisionLabel:
    """Return the label of a reward; raises ValueError if it is not finite."""
    if not math.isfinite(reward):
        raise ValueError(f"a reward of {reward} has no label")
    if reward == 0:
        return DecisionLabel.NEUTRAL
    return DecisionLabel.PAID if reward > 0 else DecisionLabel.COST


def recent_labels(rewards: Sequence[float], *, days: int = LABELLED_DAYS) -> tuple[DecisionLabel, ...]:
    """Return the labels of the last `days` rewards, oldest first; fewer if there are fewer rewards."""
    return tuple(label_decision(reward) for reward in rewards[max(0, len(rewards) - days) :])
