"""Performance figures against hand calculations, and the properties that define them."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.performance.drawdown import Drawdown, max_drawdown
from openoutcry.performance.monthly import monthly_sums
from openoutcry.performance.ratios import Downside, calmar_ratio, sharpe_ratio, sortino_ratio
from openoutcry.performance.returns import (
    annual_return,
    hit_rate,
    profit_factor,
    simple_returns,
    total_return,
    volatility,
)
from openoutcry.performance.tail_risk import expected_shortfall

curves = st.lists(st.floats(1, 1_000), min_size=2, max_size=40)
RETURNS = np.array([0.10, -0.20, 0.25, 0.0])


def test_returns_compound_to_the_whole():
    returns = simple_returns([100, 110, 88, 110, 110])
    assert returns == pytest.approx(RETURNS)
    assert total_return(returns) == pytest.approx(0.10)
    assert annual_return(returns, 4) == pytest.approx(0.10)
    assert annual_return(returns, 8) == pytest.approx(0.21)


@given(curve=curves)
def test_returns_lead_from_the_first_value_to_the_last(curve):
    assert curve[0] * (1 + total_return(simple_returns(curve))) == pytest.approx(curve[-1])


def test_a_curve_that_is_not_positive_has_no_returns():
    with pytest.raises(ValueError, match="positive"):
        simple_returns([100, 0, 50])
    assert simple_returns([100, 0]) == pytest.approx([-1])
    assert annual_return(simple_returns([100, 0])) == -1


def test_risk_is_that_of_the_textbook():
    deviations = [0.0625, -0.2375, 0.2125, -0.0375]
    spread = math.sqrt(sum(each**2 for each in deviations) / 3)
    assert volatility(RETURNS, 4) == pytest.approx(2 * spread)
    assert sharpe_ratio(RETURNS, 4) == pytest.approx(2 * 0.0375 / spread)
    assert sortino_ratio(RETURNS, periods_a_year=4) == pytest.approx(2 * 0.0375 / math.sqrt(0.04 / 4))


def test_the_two_sortino_ratios_differ_in_what_they_divide_by():
    returns = np.array([0.03, -0.01, -0.03, 0.02])
    losses = np.std([-0.01, -0.03])
    assert sortino_ratio(returns, Downside.LOSSES, 1) == pytest.approx(0.0025 / losses)
    assert sortino_ratio(returns, Downside.SEMIDEVIATION, 1) == pytest.approx(0.0025 / math.sqrt(0.001 / 4))


def test_a_drawdown_is_measured_from_the_peak_before_it():
    assert max_drawdown([100, 120, 90, 110, 125, 124]) == Drawdown(pytest.approx(-0.25), 2)
    assert max_drawdown([1, 2, 3]) == Drawdown(0, 0)
    assert calmar_ratio(np.array([0.2, -0.25, 0.5]), 3) == pytest.approx((1.2 * 0.75 * 1.5 - 1) / 0.25)


@given(curve=curves, scale=st.floats(0.5, 20))
def test_a_drawdown_is_a_fraction_and_has_no_currency(curve, scale):
    found = max_drawdown(curve)
    assert -1 < found.depth <= 0
    assert (found.depth == 0) == (found.longest == 0)
    assert max_drawdown([scale * each for each in curve]).depth == pytest.approx(found.depth)


def test_the_worst_returns_count_for_the_shortfall():
    assert expected_shortfall(RETURNS, 0.5) == pytest.approx(-0.10)
    assert expected_shortfall(RETURNS, 0.01) == pytest.approx(-0.20)


def test_gains_and_losses_are_counted_apart_from_what_did_not_move():
    assert hit_rate(RETURNS) == pytest.approx(2 / 3)
    assert profit_factor(np.array([3.0, -2.0, 1.0])) == 2
    assert profit_factor(np.array([3.0])) is None


@pytest.mark.parametrize("series", [np.zeros(0), np.zeros(3)])
def test_what_is_undefined_is_none(series):
    undefined = [sharpe_ratio(series), sortino_ratio(series), hit_rate(series), profit_factor(series)]
    assert [*undefined, calmar_ratio(series)] == [None] * 5


def test_sums_are_by_calendar_month_and_begin_where_asked():
    days = [date(2024, 12, 30), date(2024, 12, 31), date(2025, 1, 2), date(2025, 3, 3)]
    columns = [np.array([1.0, 2.0, 4.0, 8.0]), np.array([0.0, 0.0, 1.0, -1.0])]
    assert monthly_sums(days, columns).tolist() == [[3, 4, 8], [0, 1, -1]]
    assert monthly_sums(days, columns, since=date(2025, 1, 20)).tolist() == [[4, 8], [1, -1]]
