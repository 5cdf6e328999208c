"""Features, predictions and weights of the contest on a small table."""

import math
from typing import Any

import pytest
from openoutcry.tools.signals.contest import (
    RewardFeatures,
    consensus_score,
    contest_weights,
    judge_score,
    predicted_sharpe,
    rank_factors,
    realized_sharpe,
    reward_features,
)

REWARDS = (0.09, 0.01, 0.03, -0.02, 0.02, 0.06)


def test_features_are_of_the_last_days() -> None:
    found = reward_features(REWARDS)
    assert (found.mean_1, found.mean_3, found.mean_5) == pytest.approx((0.06, 0.02, 0.02))
    assert found.std_3 == pytest.approx(math.sqrt((0.04**2 + 0 + 0.04**2) / 3))
    assert found.std_5 == pytest.approx(math.sqrt((0.01**2 + 0.01**2 + 0.04**2 + 0 + 0.04**2) / 5))
    assert reward_features(REWARDS[:2]) == RewardFeatures(0.01, None, None, None, None)
    assert reward_features(()) == RewardFeatures(None, None, None, None, None)


def test_the_sharpe_ratio_divides_by_at_least_a_hundredth() -> None:
    assert realized_sharpe(REWARDS[3:]) == pytest.approx(0.02 / math.sqrt(0.0032 / 3))
    assert realized_sharpe([0.005, 0.005]) == pytest.approx(0.5)
    assert realized_sharpe([]) is None


def test_few_days_earn_little_trust() -> None:
    assert predicted_sharpe([0.02] * 3) == pytest.approx(3 / 8 * 2)
    assert predicted_sharpe([0.02] * 45) == pytest.approx(0.9 * 2)
    assert predicted_sharpe([0.02], prior_days=0) == pytest.approx(2)
    assert predicted_sharpe([]) == 0
    assert predicted_sharpe([], prior_days=3) == 0
    with pytest.raises(ValueError, match="prior days"):
        predicted_sharpe([0.1], prior_days=-1)


def test_the_best_three_are_ranked_and_equals_by_name() -> None:
    assert rank_factors({"d": 0.1, "c": 0.4, "b": 0.4, "a": -1.0}) == ("b", "c", "d")
    assert rank_factors({}) == ()


def test_weights_are_the_positive_predictions() -> None:
    assert contest_weights({"a": 3.0, "b": -2.0, "c": 1.0}) == pytest.approx({"a": 0.75, "b": 0, "c": 0.25})
    assert contest_weights({"a": 0.0, "b": -2.0}) == {"a": 0, "b": 0}
    assert contest_weights({}) == {}
    assert contest_weights({"a": 1e308, "b": 1e308}) == {"a": 0.5, "b": 0.5}


def test_judges_start_at_100_and_only_deduct() -> None:
    assert judge_score([10, 25.5]) == 64.5
    assert judge_score([]) == 100
    assert judge_score([70, 70]) == 0
    for bad in (-1.0, math.nan):
        with pytest.raises(ValueError, match="only deducts"):
            judge_score([bad])
    assert consensus_score([90, 70]) == (80, 10)
    assert consensus_score([]) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: reward_features([math.nan]),
        lambda: predicted_sharpe([math.inf]),
        lambda: contest_weights({"a": math.nan}),
        lambda: rank_factors({"a": math.nan}),
        lambda: consensus_score([math.nan]),
    ],
    ids=["features", "sharpe", "weights", "rank", "consensus"],
)
def test_what_is_not_finite_is_refused(call: Any) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        call()
