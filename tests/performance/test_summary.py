"""The summary of an equity curve: figures by hand, and None instead of a number that is not defined."""

import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.performance.summary import summarize


def test_the_figures_are_those_of_a_hand_calculation():
    found = summarize([100.0, 110.0, 99.0, 103.95], 252)
    returns = [0.1, -0.1, 0.05]
    mean = sum(returns) / 3
    spread = math.sqrt(sum((each - mean) ** 2 for each in returns) / 2)
    assert found.total_return == pytest.approx(0.0395)
    assert found.max_drawdown == pytest.approx(-0.1)
    assert found.longest_drawdown == 2
    assert found.volatility == pytest.approx(spread * math.sqrt(252))
    assert found.sharpe == pytest.approx(mean / spread * math.sqrt(252))
    assert found.sortino == pytest.approx(mean / math.sqrt(0.01 / 3) * math.sqrt(252))
    assert found.hit_rate == pytest.approx(2 / 3)


def test_a_curve_that_never_moves_has_no_ratios():
    found = summarize([100.0] * 5)
    assert (found.total_return, found.max_drawdown, found.volatility) == (0.0, 0.0, 0.0)
    assert found.sharpe is found.sortino is found.hit_rate is None


def test_one_session_has_a_return_and_no_volatility():
    found = summarize([100.0, 101.0])
    assert found.total_return == pytest.approx(0.01)
    assert found.volatility is found.sharpe is found.sortino is None
    assert found.hit_rate == 1.0


def test_an_account_that_was_ruined_keeps_its_return_and_drawdown():
    found = summarize([100.0, -20.0, -10.0])
    assert found.total_return == pytest.approx(-1.1)
    assert found.max_drawdown == pytest.approx(-1.2)
    assert found.sharpe is found.volatility is None


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=12), st.floats(1, 1e6))
def test_no_figure_is_ever_infinite_or_not_a_number(rest, first):
    numbers = [value for value in asdict(summarize([first, *rest])).values() if value is not None]
    assert all(math.isfinite(value) for value in numbers)
