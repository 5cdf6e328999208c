"""Performance figures against scipy and empyrical, where these are installed."""

import warnings

import numpy as np
import pytest
from openoutcry.performance.drawdown import max_drawdown
from openoutcry.performance.ratios import Downside, calmar_ratio, sharpe_ratio, sortino_ratio
from openoutcry.performance.relative import market_model
from openoutcry.performance.returns import annual_return, total_return, volatility
from openoutcry.performance.tail_risk import expected_shortfall, expectile

SAMPLES = [np.random.default_rng(seed).standard_t(4, size=length) * 0.01 for seed, length in ((1, 20), (2, 251))]
samples = pytest.mark.parametrize("returns", SAMPLES, ids=["short", "year"])


@pytest.fixture
def empyrical():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("empyrical")


@samples
def test_figures_of_returns_are_those_of_empyrical(empyrical, returns):
    assert total_return(returns) == pytest.approx(empyrical.cum_returns_final(returns))
    assert annual_return(returns) == pytest.approx(empyrical.annual_return(returns))
    assert volatility(returns) == pytest.approx(empyrical.annual_volatility(returns))
    assert sharpe_ratio(returns) == pytest.approx(empyrical.sharpe_ratio(returns))
    assert sortino_ratio(returns, Downside.SEMIDEVIATION) == pytest.approx(empyrical.sortino_ratio(returns))
    assert calmar_ratio(returns) == pytest.approx(empyrical.calmar_ratio(returns))
    equity = np.concatenate([[1], np.cumprod(1 + returns)])
    assert max_drawdown(equity).depth == pytest.approx(empyrical.max_drawdown(returns))


@samples
def test_the_market_model_is_that_of_scipy(returns):
    stats = pytest.importorskip("scipy.stats")
    benchmark = np.random.default_rng(3).normal(size=len(returns)) * 0.01 + 0.3 * returns
    line = stats.linregress(benchmark, returns)
    found = market_model(returns, benchmark, 252)
    assert (found.alpha, found.beta) == pytest.approx((252 * line.intercept, line.slope))


@samples
@pytest.mark.parametrize("level", [0.01, 0.05, 0.5, 0.9])
def test_the_expectile_is_that_of_scipy(returns, level):
    stats = pytest.importorskip("scipy.stats")
    assert expectile(returns, level) == pytest.approx(stats.expectile(returns, level), abs=1e-10)


def test_the_shortfall_is_that_of_empyrical_where_the_level_is_a_whole_number_of_returns(empyrical):
    returns = SAMPLES[0]
    assert expected_shortfall(returns, 0.25) == pytest.approx(np.sort(returns)[:5].mean())
    assert empyrical.conditional_value_at_risk(returns, 0.25) == pytest.approx(expected_shortfall(returns, 0.25))


def test_values_that_the_libraries_gave_for_a_fixed_series():
    """Computed once by empyrical 0.7.1 and scipy 1.17.1, so that the comparison holds without them."""
    values = (np.array([(n * n * 7 + n**3) % 23 for n in range(81)]) - 10) / 1_000
    returns, benchmark = values[:40], values[41:]
    assert annual_return(returns) == pytest.approx(0.7931616248082223)
    assert volatility(returns) == pytest.approx(0.1244546256518971)
    assert sharpe_ratio(returns) == pytest.approx(4.758360702931196)
    assert sortino_ratio(returns) == pytest.approx(8.603778239819992)
    assert calmar_ratio(returns) == pytest.approx(27.53172384392424)
    assert expected_shortfall(returns) == pytest.approx(-0.01)
    expected = [-0.006590361445783132, -0.0005851063829787233, 0.008652777777777778]
    assert [expectile(returns, level) for level in (0.05, 0.3, 0.9)] == pytest.approx(expected)
    line = market_model(returns, benchmark)
    assert (line.alpha, line.beta) == pytest.approx((0.5544603759675637, 0.08809436048654619))
