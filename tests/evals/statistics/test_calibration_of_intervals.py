"""Intervals over thousands of series with a known mean: false findings, coverage and power are what they claim."""

from datetime import date, timedelta

import numpy as np
import pytest
from openoutcry.evals.statistics.block_length import interval_block
from openoutcry.evals.statistics.mean_interval import mean_interval
from openoutcry.evals.statistics.pairing import PairKey, pair
from openoutcry.evals.statistics.permutation import sign_flip_p_value
from openoutcry.evals.statistics.power import detectable_difference
from openoutcry.tests.evals.statistics.synthetic import null_series

SERIES = 1_000
DRAWS = 799
CASES = pytest.mark.parametrize(("length", "coefficient"), [(60, 0.1), (120, 0.2), (250, 0.3)])


@CASES
def test_without_an_effect_zero_is_excluded_in_three_to_seven_percent(length, coefficient):
    found = [
        mean_interval(each, draws=DRAWS, seed=place)
        for place, each in enumerate(null_series(SERIES, length, coefficient, 11))
    ]
    excluded = sum(each.interval.low > 0 or each.interval.high < 0 for each in found)
    assert 0.03 <= excluded / SERIES <= 0.07


@CASES
def test_the_sign_flip_test_rejects_in_three_to_seven_percent(length, coefficient):
    rows = null_series(SERIES, length, coefficient, 11)
    p_values = [
        sign_flip_p_value(each, interval_block(each), draws=DRAWS, seed=place) for place, each in enumerate(rows)
    ]
    assert 0.03 <= np.mean(np.array(p_values) <= 0.05) <= 0.07


def test_a_planted_effect_on_pairs_that_share_the_day_is_covered_in_92_to_98_percent():
    """Each session has one to four symbols that share half of their variance: they are not independent pairs."""
    sessions, effect = 100, 0.7
    chance = np.random.default_rng(13)
    present = chance.random((sessions, 4)) < 0.7
    present[:, 0] = True
    keys = [
        PairKey(date(2024, 1, 1) + timedelta(int(day)), "ABCD"[name])
        for day, name in zip(*np.nonzero(present), strict=True)
    ]
    nothing, covered = dict.fromkeys(keys, 0.0), 0
    for place, common in enumerate(null_series(SERIES, sessions, 0.2, 14)):
        values = effect + common[:, None] + chance.standard_t(4, size=(sessions, 4))
        series = pair(dict(zip(keys, values[present].tolist(), strict=True)), nothing).by_session()
        interval = mean_interval(series, draws=DRAWS, seed=place).interval
        covered += interval.low <= effect <= interval.high
    assert 0.92 <= covered / SERIES <= 0.98


def test_the_detectable_difference_is_detected_in_about_four_of_five_series():
    length, spread = 200, np.sqrt(2)  # the standard deviation of t4
    effect = detectable_difference(spread / np.sqrt(length))
    found = [
        mean_interval(each, draws=DRAWS, seed=place).interval
        for place, each in enumerate(null_series(400, length, 0.0, 15, effect))
    ]
    assert 0.72 <= sum(each.low > 0 for each in found) / 400 <= 0.88
