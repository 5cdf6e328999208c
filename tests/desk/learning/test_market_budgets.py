"""Budgets of the prediction market against a hand calculation, and what they keep."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.desk.learning.market_budgets import equal_budgets, updated_budgets
from openoutcry.tools.signals.fusion import Bet, OutcomeClass

DOWN, FLAT, UP = OutcomeClass.DOWN, OutcomeClass.FLAT, OutcomeClass.UP


def bet(analyst, down, flat, up, budget=1.0):
    return Bet(analyst, budget, {DOWN: down, FLAT: flat, UP: up})


def test_the_share_at_stake_moves_to_those_who_gave_the_outcome_more():
    budgets = {"news": 1.0, "technical": 3.0, "macro": 2.0}
    bets = [bet("news", 0.6, 0.3, 0.1), bet("technical", 0.1, 0.2, 0.7)]
    found = updated_budgets(budgets, bets, UP, rate=0.1)
    price = (1 * 0.1 + 3 * 0.7) / 4
    expected = {"news": 0.9 + 0.1 * 0.1 / price, "technical": 2.7 + 0.1 * 3 * 0.7 / price, "macro": 2.0}
    assert found == pytest.approx(expected)
    assert sum(found.values()) == pytest.approx(6)


def test_current_budgets_count_and_not_those_at_the_time_of_the_bet():
    budgets = {"a": 1.0, "b": 1.0}
    stale = [bet("a", 0, 0, 1, budget=50.0), bet("b", 1, 0, 0, budget=0.1)]
    assert updated_budgets(budgets, stale, UP, rate=0.5) == pytest.approx({"a": 1.5, "b": 0.5})


def test_a_budget_never_falls_below_the_floor_and_the_total_stays():
    budgets = {"right": 1.0, "wrong": 1.0, "away": 4.0}
    found = updated_budgets(budgets, [bet("right", 0, 0, 1), bet("wrong", 1, 0, 0)], UP, rate=1)
    floor = 0.01 * 2
    scale = 2 / (2 + floor)
    assert found == pytest.approx({"right": 2 * scale, "wrong": floor * scale, "away": 4.0})


def test_without_bets_or_with_an_outcome_that_none_expected_budgets_stay():
    budgets = {"a": 1.0, "b": 2.0}
    assert updated_budgets(budgets, [], UP) == budgets
    assert updated_budgets(budgets, [bet("a", 0.5, 0.5, 0), bet("b", 1, 0, 0)], UP) == budgets
    assert equal_budgets(["a", "b"]) == {"a": 1, "b": 1}
    assert updated_budgets({}, [], UP) == {}


@pytest.mark.parametrize(
    ("budgets", "rate", "words"),
    [
        ({"a": 1.0}, 0.0, "learning rate"),
        ({"a": 1.0}, math.nan, "learning rate"),
        ({"a": 0.0}, 0.1, "budget of a must be positive"),
        ({"a": math.nan}, 0.1, "budget of a must be positive"),
        ({"b": 1.0}, 0.1, "a has bet without a budget"),
    ],
    ids=["rate", "nan-rate", "zero", "nan", "unknown"],
)
def test_invalid_budgets_are_refused(budgets, rate, words):
    with pytest.raises(ValueError, match=words):
        updated_budgets(budgets, [bet("a", 0.2, 0.2, 0.6)], UP, rate=rate)


odds = st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(sum)


@given(given_odds=st.lists(odds, min_size=1, max_size=5), outcomes=st.lists(st.sampled_from(OutcomeClass), max_size=12))
def test_over_many_outcomes_budgets_stay_positive_and_their_sum_constant(given_odds, outcomes):
    budgets = equal_budgets([str(place) for place in range(len(given_odds))])
    bets = [bet(str(n), *(each / sum(row) for each in row)) for n, row in enumerate(given_odds)]
    for outcome in outcomes:
        budgets = updated_budgets(budgets, bets, outcome, rate=0.9)
        assert min(budgets.values()) > 0.005
        assert sum(budgets.values()) == pytest.approx(len(given_odds))


def test_the_best_forecaster_ends_with_nearly_all():
    budgets = equal_budgets(["good", "blind"])
    bets = [bet("good", 0.1, 0.2, 0.7), bet("blind", 1 / 3, 1 / 3, 1 / 3)]
    for place in range(300):
        budgets = updated_budgets(budgets, bets, (UP, UP, UP, UP, UP, UP, UP, UP, FLAT, DOWN)[place % 10])
    assert budgets["good"] > 1.9
