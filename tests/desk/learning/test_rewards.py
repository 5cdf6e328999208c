"""Rewards, labels and overlaps of past decisions on small tables."""

import math

import pytest
from openoutcry.desk.learning.action_overlap import action_overlap, edit_size
from openoutcry.desk.learning.contest_rewards import factor_reward, signal_reward
from openoutcry.desk.learning.decision_rewards import DecisionLabel, decision_reward, label_decision, recent_labels


def test_a_factor_earns_its_positive_ratings_and_negatives_only_dilute():
    ratings = {"A": 2.0, "B": 1.0, "C": -3.0, "D": 1.0}
    opens = {"A": 100.0, "B": 50.0, "C": 10.0}
    after = {"A": 103.0, "B": 80.0, "C": 5.0, "D": 9.0}
    # A: 2 x 3 %, B: 60 % clipped to 20 %, C: nothing; D has no first price.
    assert factor_reward(ratings, opens, after) == pytest.approx((2 * 3 + 20) / 3)
    assert factor_reward({"A": 1.0}, {"A": 100.0}, {"A": 50.0}) == -20
    assert factor_reward({"D": 1.0}, opens, after) is None
    assert factor_reward({}, opens, after) is None


def test_a_signal_earns_its_side_and_a_broken_price_is_dropped():
    assert signal_reward(1, 100.0, 104.0) == pytest.approx(0.04)
    assert signal_reward(-1, 100.0, 104.0) == pytest.approx(-0.04)
    assert signal_reward(1, 100.0, 140.0) == pytest.approx(0.4)
    assert signal_reward(1, 100.0, 140.1) is None
    assert signal_reward(-1, 100.0, 55.0) is None


def test_prices_ratings_and_sides_that_cannot_be_are_refused():
    for opened in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="prices must be positive"):
            signal_reward(1, opened, 100.0)
    with pytest.raises(ValueError, match="1 or -1, not 0"):
        signal_reward(0, 100.0, 100.0)
    with pytest.raises(ValueError, match="rating must be finite"):
        factor_reward({"A": math.nan}, {"A": 1.0}, {"A": 1.0})


def test_the_reward_is_equity_less_a_fifth_of_the_benchmark_less_cost():
    assert decision_reward(0.03, 0.02, 0.001) == pytest.approx(0.03 - 0.004 - 0.001)
    assert decision_reward(-0.01, -0.1, 0.0) == pytest.approx(0.01)
    for figures in ((math.nan, 0, 0), (0, math.inf, 0), (0, 0, -0.1)):
        with pytest.raises(ValueError, match="invalid figures"):
            decision_reward(*figures)


def test_the_label_is_the_sign_and_a_reflection_reads_the_last_twenty():
    assert label_decision(0.001) is DecisionLabel.PAID
    assert label_decision(0.0) is DecisionLabel.NEUTRAL
    assert label_decision(-0.001) is DecisionLabel.COST
    with pytest.raises(ValueError, match="no label"):
        label_decision(math.nan)
    rewards = [1.0] * 5 + [-1.0] * 19 + [0.0]
    assert recent_labels(rewards) == (DecisionLabel.COST,) * 19 + (DecisionLabel.NEUTRAL,)
    assert recent_labels(rewards, days=0) == ()
    assert recent_labels([]) == ()


def test_overlap_counts_equal_actions_of_common_steps():
    earlier = {1: "buy", 2: "hold", 3: "sell", 4: "buy"}
    later = {2: "hold", 3: "buy", 4: "buy", 5: "sell"}
    assert action_overlap(earlier, later) == pytest.approx(2 / 3)
    assert action_overlap(earlier, {9: "buy"}) is None
    assert action_overlap({}, {}) is None


def test_the_sign_of_the_edit_size_is_chosen_by_the_caller():
    assert edit_size(0.25, grows_with_overlap=True) == 0.25
    assert edit_size(0.25, grows_with_overlap=False) == 0.75
    assert edit_size(None, grows_with_overlap=False) == 0
    with pytest.raises(ValueError, match="within"):
        edit_size(math.nan, grows_with_overlap=True)
