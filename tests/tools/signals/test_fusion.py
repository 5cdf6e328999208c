"""Prices of the prediction market against a hand calculation."""

import math
from typing import Any

import pytest
from openoutcry.tools.signals.fusion import Bet, OutcomeClass, classify_outcome, fuse_bets

DOWN, FLAT, UP = OutcomeClass.DOWN, OutcomeClass.FLAT, OutcomeClass.UP


def bet(analyst: str, budget: float, down: float, flat: float, up: float) -> Any:
    return Bet(analyst, budget, {DOWN: down, FLAT: flat, UP: up})


def test_the_price_is_the_mean_probability_by_budget() -> None:
    forecast = fuse_bets([bet("news", 1.0, 0.6, 0.3, 0.1), bet("technical", 3.0, 0.1, 0.2, 0.7)])
    assert forecast.prices == pytest.approx({DOWN: 0.225, FLAT: 0.225, UP: 0.55})
    assert forecast.conviction == pytest.approx(0.325)
    assert forecast.direction is UP


def test_a_tie_is_flat_and_all_abstaining_gives_no_forecast() -> None:
    tied = fuse_bets([bet("a", 2.0, 0.7, 0.2, 0.1), bet("b", 2.0, 0.1, 0.2, 0.7)])
    assert tied.direction is FLAT
    assert tied.conviction == pytest.approx(0)
    assert fuse_bets([]) is None


def test_huge_budgets_do_not_overflow() -> None:
    forecast = fuse_bets([bet("a", 1e308, 1, 0, 0), bet("b", 1e308, 0, 0, 1), bet("c", 1e308, 0, 1, 0)])
    assert forecast.prices == pytest.approx(dict.fromkeys((DOWN, FLAT, UP), 1 / 3))


@pytest.mark.parametrize(
    "values",
    [
        (0.0, 0.2, 0.2, 0.6),
        (-1.0, 0.2, 0.2, 0.6),
        (math.nan, 0.2, 0.2, 0.6),
        (1.0, 0.2, 0.2, 0.5),
        (1.0, -0.2, 0.6, 0.6),
        (1.0, math.nan, 0.5, 0.5),
    ],
    ids=["no-budget", "negative-budget", "nan-budget", "sum", "negative", "nan"],
)
def test_an_invalid_bet_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match=r"of a|a must"):
        bet("a", *values)


def test_a_missing_outcome_or_a_second_bet_is_refused() -> None:
    with pytest.raises(ValueError, match="down, flat, up"):
        Bet("a", 1.0, {UP: 1.0})
    with pytest.raises(ValueError, match="at most once"):
        fuse_bets([bet("a", 1, 0, 0, 1), bet("a", 1, 1, 0, 0)])


def test_outcomes_are_classed_by_half_a_deviation() -> None:
    assert [classify_outcome(each) for each in (-0.51, -0.5, 0, 0.5, 0.51)] == [DOWN, FLAT, FLAT, FLAT, UP]
    assert classify_outcome(0.8, band=1) is FLAT
    with pytest.raises(ValueError, match="no class"):
        classify_outcome(math.nan)
