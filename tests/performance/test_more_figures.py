"""Tail risk, relative figures, activity, hindsight and published ratios, against hand calculations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.performance.hindsight import Regret, oracle_share, regret
from openoutcry.performance.published_ratios import investorbench_figures, stockbench_sortino
from openoutcry.performance.ratios import sharpe_ratio, sharpe_ratios
from openoutcry.performance.relative import information_ratio, market_model
from openoutcry.performance.returns import annual_return, volatility
from openoutcry.performance.tail_risk import expected_shortfall, expectile
from openoutcry.performance.trading_activity import (
    average_exposure,
    cost_breakdown,
    returns_after_tokens,
    returns_before_costs,
    turnover,
)

samples = st.lists(st.floats(-1, 1), min_size=1, max_size=30).map(np.array)


@given(sample=samples, level=st.floats(0.01, 0.99))
def test_an_expectile_balances_gains_against_losses(sample, level):
    found = expectile(sample, level)
    above, below = np.maximum(sample - found, 0).mean(), np.maximum(found - sample, 0).mean()
    assert level * above == pytest.approx((1 - level) * below, abs=1e-12)


def test_the_expectile_at_one_half_is_the_mean():
    sample = np.array([0.1, -0.3, 0.05])
    assert expectile(sample, 0.5) == pytest.approx(-0.05)
    # one value is below e: 0.2 * ((0.1 - e) + (0.05 - e)) = 0.8 * (e + 0.3)
    assert expectile(sample, 0.2) == pytest.approx((0.2 * 0.15 + 0.8 * -0.3) / (0.2 * 2 + 0.8))


def test_levels_outside_their_range_are_refused():
    for level in (0, 1):
        with pytest.raises(ValueError, match="level"):
            expectile(np.array([0.1]), level)
    with pytest.raises(ValueError, match="level"):
        expected_shortfall(np.array([0.1]), 0)


def test_a_track_that_is_twice_the_benchmark_plus_a_constant_has_beta_two():
    benchmark = np.array([0.01, -0.02, 0.03, 0.0])
    line = market_model(2 * benchmark + 0.001, benchmark, 250)
    assert line.beta == pytest.approx(2)
    assert line.alpha == pytest.approx(0.25)


def test_the_information_ratio_is_the_sharpe_ratio_of_the_difference():
    ours, theirs = np.array([0.03, 0.01, -0.01]), np.array([0.01, 0.02, -0.02])
    active = [0.02, -0.01, 0.01]
    mean = sum(active) / 3
    deviation = math.sqrt(sum((each - mean) ** 2 for each in active) / 2)
    assert information_ratio(ours, theirs, 4) == pytest.approx(2 * mean / deviation)


def test_relative_figures_without_variation_are_none():
    series = np.array([0.1, 0.2, 0.3])
    assert information_ratio(series, series) is None
    assert information_ratio(series + 0.1, series) is None
    assert market_model(series, np.full(3, 0.1)) is None
    assert market_model(np.zeros(0), np.zeros(0)) is None
    assert information_ratio(np.zeros(0), np.zeros(0)) is None
    with pytest.raises(ValueError, match="3 returns"):
        market_model(series, series[1:])


def test_a_constant_return_has_no_sharpe_ratio_although_floats_round():
    series = np.full(7, 0.1)
    assert series.std(ddof=1) > 0
    assert sharpe_ratio(series) is None
    assert volatility(series) == pytest.approx(0, abs=1e-12)


def test_a_return_too_large_to_annualise_is_none():
    assert annual_return(np.array([1e6, 1e6]), 252) is None
    assert annual_return(np.array([1.0]), 2) == pytest.approx(3)


def test_ratios_of_many_series_are_those_of_each():
    series = np.array([[0.1, -0.2, 0.3], [0.0, 0.0, 0.0]])
    assert sharpe_ratios(series, 4)[0] == pytest.approx(sharpe_ratio(series[0], 4))
    assert np.isnan(sharpe_ratios(series, 4)[1])


def test_turnover_counts_buys_and_sells():
    assert turnover(np.array([50.0, 0.0, 30.0]), np.array([100.0, 100.0, 150.0]), 10) == pytest.approx(0.7 / 3 * 10)
    assert turnover(np.zeros(0), np.zeros(0)) is None
    with pytest.raises(ValueError, match="positive equity"):
        turnover(np.array([1.0]), np.array([0.0]))


def test_exposure_nets_short_positions():
    found = average_exposure(np.array([60.0, 0.0]), np.array([20.0, 0.0]), np.array([100.0, 100.0]))
    assert (found.gross, found.net, found.time_in_market) == pytest.approx((0.4, 0.2, 0.5))
    assert average_exposure(np.zeros(0), np.zeros(0), np.zeros(0)) is None
    with pytest.raises(ValueError, match="positive numbers"):
        average_exposure(np.array([-1.0]), np.array([0.0]), np.array([1.0]))


def test_costs_are_added_back_and_tokens_are_taken_off():
    equity, costs, tokens = np.array([100.0, 109.0, 108.0]), np.array([1.0, 1.0]), np.array([2.0, 0.0])
    assert returns_before_costs(equity, costs) == pytest.approx([0.10, 0.0])
    assert returns_after_tokens(equity, tokens) == pytest.approx([0.07, -1 / 109])
    found = cost_breakdown(equity, costs, tokens, 2)
    assert (found.gross, found.net) == pytest.approx((0.10, 0.08))
    assert found.net_of_tokens == pytest.approx(1.07 * 108 / 109 - 1)
    assert found.tokens_bps == pytest.approx(2 / 104.5 / 2 * 2 * 10_000)


def test_the_oracle_share_needs_an_oracle_that_earns():
    assert oracle_share(np.array([1.0, 1.0]), np.array([5.0, 3.0])) == pytest.approx(0.25)
    assert oracle_share(np.array([1.0]), np.array([-1.0])) is None
    assert oracle_share(np.array([1.0]), np.array([0.0])) is None


def test_regret_is_against_the_best_fixed_alternative():
    alternatives = {"hold": np.array([0.1, 0.1]), "cash": np.array([0.0, 0.0]), "also": np.array([0.2, 0.0])}
    assert regret(np.array([0.05, 0.0]), alternatives) == Regret("also", pytest.approx(0.15))
    assert regret(np.array([0.5]), {"cash": np.array([0.0])}).amount == pytest.approx(-0.5)
    assert regret(np.array([0.5]), {}) is None


def test_the_sortino_ratio_of_stockbench_counts_the_first_session_as_zero():
    returns = np.array([0.03, -0.01, -0.03, 0.02])
    deviation = math.sqrt(2 * 0.01**2)  # -0.01 and -0.03 around -0.02, divisor 1
    assert stockbench_sortino(returns) == pytest.approx(0.01 / 5 / deviation)
    assert stockbench_sortino(np.array([0.1, -0.1])) is None
    assert stockbench_sortino(np.array([-0.1, -0.1, -0.1])) is None
    assert stockbench_sortino(np.zeros(0)) is None


def test_the_figures_of_investorbench_are_of_log_returns():
    prices = np.array([100.0, 110.0, 99.0, 99.0])
    up, down = math.log(1.1), math.log(0.9)
    found = investorbench_figures(prices, np.array([1.0, -1.0, 0.0, 1.0]), 4)
    rewards = [up, -down, 0.0]
    mean = sum(rewards) / 3
    annual = 2 * math.sqrt(sum((each - mean) ** 2 for each in rewards) / 2)
    assert found.cumulative_return == pytest.approx(up - down)
    assert found.annual_volatility == pytest.approx(annual)
    assert found.sharpe == found.sharpe_not_annualised == pytest.approx((up - down) / annual)
    assert investorbench_figures(prices, np.zeros(4)).sharpe is None
    assert investorbench_figures(prices[:1], np.ones(1)).cumulative_return == 0
    with pytest.raises(ValueError, match="one position"):
        investorbench_figures(prices, np.ones(3))


def test_the_published_figures_of_investorbench_for_one_share(real_market):
    """Published for buy and hold of MSFT: a return of 16.65 % and a Sharpe ratio of 1.12."""
    import pandas as pd

    table = pd.read_csv(real_market / "prices_daily.csv.gz", usecols=["ticker", "date", "adj_close"])
    window = table[(table.ticker == "MSFT") & table.date.between("2020-10-01", "2021-05-06")]
    prices = window.adj_close.to_numpy(float)
    found = investorbench_figures(prices, np.ones(len(prices)))
    assert f"{found.cumulative_return:.2%} {found.sharpe:.2f}" == "16.65% 1.12"
    assert found.sharpe_not_annualised == pytest.approx(0.66, abs=0.01)
