"""The contest of factors and signals (ContestTrade, arXiv 2508.00554): from past rewards to ranks and weights.

The published predictor is a gradient-boosted model on the features; the one here is a shrunken mean, which needs no
training.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

LEAST_SPREAD = 0.01
"""Least standard deviation that a mean reward is divided by."""
PRIOR_DAYS = 5
"""Days of reward 0 that a contestant's history is mixed with."""
FULL_SCORE = 100.0


@dataclass(frozen=True, slots=True)
class RewardFeatures:
    """Means of the last 1, 3 and 5 rewards and standard deviations of the last 3 and 5; None with fewer rewards."""

    mean_1: float | None
    mean_3: float | None
    mean_5: float | None
    std_3: float | None
    std_5: float | None


def reward_features(rewards: Sequence[float]) -> RewardFeatures:
    """Return the features of daily rewards, oldest first; standard deviations are those of the population."""
    _check(rewards)
    return RewardFeatures(
        mean_1=_last(rewards, 1, fmean),
        mean_3=_last(rewards, 3, fmean),
        mean_5=_last(rewards, 5, fmean),
        std_3=_last(rewards, 3, pstdev),
        std_5=_last(rewards, 5, pstdev),
    )


def realized_sharpe(rewards: Sequence[float]) -> float | None:
    """Return mean / max(population standard deviation, 0.01) of the rewards; None without rewards."""
    _check(rewards)
    return fmean(rewards) / max(pstdev(rewards), LEAST_SPREAD) if rewards else None


def predicted_sharpe(rewards: Sequence[float], *, prior_days: int = PRIOR_DAYS) -> float:
    """Return n / (n + prior days) x realized Sharpe of n daily rewards; 0 without rewards.

    The factor shrinks the mean as `prior_days` days of reward 0 would, so that few days earn little trust. Raises
    ValueError if a reward is not finite or `prior_days` is negative.
    """
    if prior_days < 0:
        raise ValueError(f"the number of prior days must not be negative: {prior_days}")
    sharpe = realized_sharpe(rewards)
    return 0.0 if sharpe is None else len(rewards) / (len(rewards) + prior_days) * sharpe


def rank_factors(predicted: Mapping[str, float], *, count: int = 3) -> tuple[str, ...]:
    """Return the names of the `count` highest predictions, best first; equal ones in alphabetical order."""
    _check(tuple(predicted.values()))
    return tuple(sorted(predicted, key=lambda name: (-predicted[name], name))[:count])


def contest_weights(predicted: Mapping[str, float]) -> dict[str, float]:
    """Return max(S, 0) / sum of max(S, 0) for every contestant; all 0, which means cash, if no prediction is positive.

    Raises ValueError if a prediction is not finite.
    """
    _check(tuple(predicted.values()))
    highest = max(predicted.values(), default=0.0)
    if highest <= 0:
        return dict.fromkeys(predicted, 0.0)
    kept = {name: max(value, 0.0) / highest for name, value in predicted.items()}
    total = sum(kept.values())
    return {name: value / total for name, value in kept.items()}


def judge_score(deductions: Sequence[float]) -> float:
    """Return 100 less all deductions of one judge, at least 0; raises ValueError if one is negative or not finite."""
    if any(not math.isfinite(each) or each < 0 for each in deductions):
        raise ValueError("a judge only deducts: deductions must be finite and at least 0")
    return max(0.0, FULL_SCORE - sum(deductions))


def consensus_score(scores: Sequence[float]) -> tuple[float, float] | None:
    """Return mean and population standard deviation of the judges' scores; None without judges."""
    _check(scores)
    return (fmean(scores), pstdev(scores)) if scores else None


def _last(rewards: Sequence[float], count: int, figure: Callable[[Sequence[float]], float]) -> float | None:
    return figure(rewards[-count:]) if len(rewards) >= count else None


def _check(values: Sequence[float]) -> None:
    if any(not math.isfinite(each) for each in values):
        raise ValueError("rewards, scores and predictions must be finite")
