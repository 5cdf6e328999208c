"""Block lengths: the formula by hand and by a second library, the fallback, and the bounds."""

import math

import numpy as np
import pytest
from openoutcry.evals.statistics.block_length import BlockLength, BlockRule, block_length, interval_block
from openoutcry.tests.evals.statistics.synthetic import null_series


@pytest.mark.parametrize("length", [20, 27, 100, 700])
@pytest.mark.parametrize("coefficient", [-0.4, 0.0, 0.3, 0.8])
def test_lengths_are_those_of_the_second_library(length, coefficient):
    library = pytest.importorskip("arch.bootstrap")
    series = null_series(1, length, coefficient, length)[0]
    expected = library.optimal_block_length(series).iloc[0]
    found = block_length(series)
    assert found.rule is BlockRule.POLITIS_WHITE
    assert found.stationary == pytest.approx(max(1, expected["stationary"]))
    assert found.circular == pytest.approx(max(1, expected["circular"]))


def test_lengths_that_the_second_library_gave_for_fixed_series():
    """Computed once by arch 8.0, so that the comparison holds without it."""
    raw = np.array([(n * n * 7 + n**3) % 23 for n in range(81)], dtype=float)
    smooth, summed = block_length(raw[1:] + 0.6 * raw[:-1]), block_length(np.cumsum(raw - raw.mean())[:60])
    assert (smooth.stationary, smooth.circular) == pytest.approx((1.1187543234531117, 1.280654007974894))
    assert (summed.stationary, summed.circular) == pytest.approx((12.774609636142745, 14.623277593551636))


def test_a_series_of_two_values_in_turn_has_the_lengths_of_a_hand_calculation():
    """Autocorrelations (-1) ** k * (1 - k / n) never fade, so the window reaches all 10 + 5 lags of 100 values."""
    series = np.array([1.0, -1.0] * 50)
    covariances = [(-1) ** lag * (1 - lag / 100) for lag in range(16)]
    window = [1.0 if lag <= 7.5 else 2 * (1 - lag / 15) for lag in range(16)]
    slope = 2 * sum(window[lag] * lag * covariances[lag] for lag in range(1, 16))
    long_run = covariances[0] + 2 * sum(window[lag] * covariances[lag] for lag in range(1, 16))
    assert long_run > 0
    stationary = min(30, max(1, (slope**2 / long_run**2 * 100) ** (1 / 3)))
    assert block_length(series).stationary == pytest.approx(stationary)


@pytest.mark.parametrize("series", [np.zeros(0), np.arange(19.0), np.full(64, 0.1)], ids=["none", "short", "constant"])
def test_the_fallback_is_the_cube_root(series):
    root = max(1.0, len(series) ** (1 / 3))
    assert block_length(series) == BlockLength(pytest.approx(root), pytest.approx(root), BlockRule.CUBE_ROOT)


def test_blocks_of_an_interval_are_longer_and_leave_at_least_five():
    series = null_series(1, 400, 0.4, 3)[0]
    assert interval_block(series) == math.ceil(2 * block_length(series).circular)
    assert interval_block(null_series(1, 25, 0.95, 3)[0]) == 5
    assert interval_block(np.zeros(3)) == 1
