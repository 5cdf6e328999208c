"""The interval of a mean: by hand for blocks of one, defined answers for degenerate series."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.evals.statistics.figure_difference import BootstrapScheme, figure_difference
from openoutcry.evals.statistics.mean_interval import IntervalStatus, block_means, mean_interval
from openoutcry.evals.statistics.resampling import circular_places, stationary_places
from openoutcry.performance.ratios import sharpe_ratios
from openoutcry.tests.evals.statistics.synthetic import null_series

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


def test_with_blocks_of_one_the_standard_error_is_the_textbooks():
    series = np.array([1.0, 2.0, 4.0, 3.0, 7.0, 1.0])
    found = mean_interval(series, block=1)
    assert found.status is IntervalStatus.ESTIMATED
    assert found.mean == 3
    assert found.standard_error == pytest.approx(math.sqrt(sum((x - 3) ** 2 for x in series) / 5 / 6))
    assert found.interval.low + found.interval.high == pytest.approx(6)


def test_with_many_independent_values_the_interval_is_that_of_the_normal_distribution():
    series = null_series(1, 5_000, 0.0, 5)[0]
    found = mean_interval(series, block=1)
    half = 1.96 * series.std() / math.sqrt(len(series))
    assert found.interval.high - found.mean == pytest.approx(half, rel=0.05)


def test_autocorrelation_widens_the_interval_to_the_long_run_variance():
    series = null_series(1, 5_000, 0.5, 6)[0]
    found = mean_interval(series)
    long_run = math.sqrt(2) / (1 - 0.5) / math.sqrt(len(series))
    assert found.standard_error == pytest.approx(long_run, rel=0.15)


def test_block_means_continue_at_the_start():
    assert block_means(np.array([1.0, 2.0, 6.0]), 2).tolist() == [1.5, 4.0, 3.5]


def test_degenerate_series_have_a_status_and_no_interval_of_nan():
    assert mean_interval(np.zeros(0)).status is IntervalStatus.UNDETERMINED
    assert mean_interval(np.zeros(0)).mean is None
    assert mean_interval(np.arange(4.0)).interval is None
    constant = mean_interval(np.full(30, 0.1))
    assert (constant.status, constant.interval.low, constant.interval.high) == (IntervalStatus.CONSTANT, 0.1, 0.1)
    with pytest.raises(ValueError, match="finite"):
        mean_interval(np.array([math.nan] * 30))


def test_one_session_that_differs_is_too_little_for_an_interval():
    series = np.zeros(100)
    series[40] = 1.0
    found = mean_interval(series)
    assert (found.status, found.mean, found.interval) == (IntervalStatus.UNDETERMINED, 0.01, None)


def test_the_same_seed_gives_the_same_interval_and_another_one_does_not():
    series = null_series(1, 60, 0.2, 7)[0]
    assert mean_interval(series, seed=1) == mean_interval(series, seed=1)
    assert mean_interval(series, seed=1).interval != mean_interval(series, seed=2).interval


@given(values=st.lists(numbers, max_size=40), shift=st.floats(-10, 10))
@settings(deadline=None)
def test_an_interval_is_finite_and_holds_its_mean(values, shift):
    found = mean_interval(np.array(values) + shift, draws=99)
    if found.interval is None:
        assert found.status is IntervalStatus.UNDETERMINED
    else:
        assert math.isfinite(found.interval.low)
        assert math.isfinite(found.interval.high)
        assert found.interval.low <= found.interval.value <= found.interval.high


def test_blocks_of_the_stationary_bootstrap_have_the_mean_length_asked_for():
    places = stationary_places(500, 8, 200, np.random.default_rng(1))
    breaks = (np.diff(places, axis=1) % 500 != 1).mean()
    assert breaks == pytest.approx(1 / 8, rel=0.05)
    assert places.min() == 0
    assert places.max() == 499
    assert circular_places(5, 2, 3, np.random.default_rng(1)).shape == (3, 5)


@pytest.mark.parametrize("scheme", list(BootstrapScheme))
def test_the_interval_of_a_difference_of_ratios_is_that_of_the_second_library(scheme):
    library = pytest.importorskip("arch.bootstrap")
    first, second = null_series(2, 200, 0.0, 8, 0.3)
    kind = library.StationaryBootstrap if scheme is BootstrapScheme.STATIONARY else library.CircularBlockBootstrap
    theirs = kind(2, first, second, seed=4).conf_int(
        lambda a, b: sharpe_ratios(a) - sharpe_ratios(b), reps=2_000, method="percentile"
    )
    ours = figure_difference(sharpe_ratios, first, second, scheme=scheme)
    width = theirs[1, 0] - theirs[0, 0]
    assert [ours.low, ours.high] == pytest.approx(theirs[:, 0].tolist(), abs=width * 0.1)


def test_a_difference_of_figures_is_paired_and_has_defined_answers():
    first = null_series(1, 120, 0.0, 9, 0.2)[0]
    assert figure_difference(sharpe_ratios, first, first).high == 0
    shifted = figure_difference(sharpe_ratios, first + 0.2, first)
    assert 0 < shifted.low < shifted.value < shifted.high
    assert figure_difference(sharpe_ratios, first[:4], first[:4]) is None
    assert figure_difference(sharpe_ratios, np.zeros(30), first[:30]) is None
    with pytest.raises(ValueError, match="same sessions"):
        figure_difference(sharpe_ratios, first, first[1:])
