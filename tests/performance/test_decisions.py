"""Figures of decisions and forecasts, against hand calculations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.performance.calibration import (
    CalibrationBin,
    brier_score,
    calibration_bins,
    expected_calibration_error,
)
from openoutcry.performance.decisions import (
    DisagreementReturn,
    abstention_rate,
    analyst_influence,
    disagreement_return,
    flip_rate,
    moved_together,
    role_agreement,
)

forecasts = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0]), st.booleans()), max_size=40)


def test_the_brier_score_is_the_mean_square_of_the_error():
    assert brier_score(np.array([0.9, 0.2]), np.array([True, True])) == pytest.approx((0.01 + 0.64) / 2)
    assert brier_score(np.zeros(0), np.zeros(0, dtype=bool)) is None
    for wrong in (1.1, -0.1, np.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            brier_score(np.array([wrong]), np.array([True]))
    with pytest.raises(ValueError, match="2 forecasts"):
        brier_score(np.array([0.5, 0.5]), np.array([True]))


def test_bins_hold_about_equal_numbers_and_never_split_equal_forecasts():
    stated = np.array([0.9, 0.1, 0.2, 0.8, 0.3, 0.7])
    happened = np.array([True, False, True, True, False, True])
    low, high = calibration_bins(stated, happened, 2)
    assert low == CalibrationBin(0.1, 0.3, 3, pytest.approx(0.2), pytest.approx(1 / 3))
    assert high == CalibrationBin(0.7, 0.9, 3, pytest.approx(0.8), 1.0)
    assert expected_calibration_error(stated, happened, 2) == pytest.approx((1 / 3 - 0.2) / 2 + 0.1)
    assert len(calibration_bins(np.full(9, 0.6), np.ones(9, dtype=bool), 4)) == 1


@given(pairs=forecasts, bins=st.integers(1, 12), order=st.randoms())
def test_the_calibration_error_is_a_share_that_no_order_changes(pairs, bins, order):
    shuffled = list(pairs)
    order.shuffle(shuffled)
    both = [
        expected_calibration_error(np.array([p for p, _ in each]), np.array([o for _, o in each], dtype=bool), bins)
        for each in (pairs, shuffled)
    ]
    assert both[0] == pytest.approx(both[1]) if pairs else both == [None, None]
    assert not pairs or 0 <= both[0] <= 1
    counts = [each.count for each in calibration_bins(*map(np.array, zip(*pairs, strict=True)), bins)] if pairs else []
    assert sum(counts) == len(pairs)
    assert len(counts) <= bins


def test_an_abstention_is_counted_and_is_not_a_flat_view():
    assert abstention_rate([1.0, None, 0.0, None]) == 0.5
    assert abstention_rate([]) is None
    assert flip_rate([[0.0, None]]) == 1
    assert flip_rate([[None, None]]) == 0


def test_the_flip_rate_is_averaged_over_decisions():
    assert flip_rate([[1.0, 0.5, -1.0], [1.0, 2.0], [1.0]]) == pytest.approx((2 / 3 + 0) / 2)
    assert flip_rate([[1.0], []]) is None


def test_only_disagreements_earn_a_difference():
    first, second, returns = np.array([1.0, 1.0, 0.0]), np.array([1.0, -1.0, 1.0]), np.array([0.5, 0.02, 0.01])
    assert disagreement_return(first, second, returns) == DisagreementReturn(3, 2, pytest.approx((0.04 - 0.01) / 2))
    assert disagreement_return(first, first, returns) == DisagreementReturn(3, 0, None)


def test_agreement_of_roles_is_corrected_for_chance():
    found = role_agreement({"news": [1, 1, -1, None, -1], "charts": [2, -1, -1, 1, -2]})
    assert [(each.first, each.second, each.cases) for each in found] == [("charts", "news", 4)]
    assert found[0].agreement == 0.75
    assert found[0].kappa == pytest.approx((0.75 - 0.5) / (1 - 0.5))
    constant = role_agreement({"a": [1, 1], "b": [1, 1], "c": [None, None]})
    assert [each.kappa for each in constant] == [None] * 3
    assert [each.agreement for each in constant] == [1, None, None]


def test_the_analyst_whose_omission_changes_most_moved_the_decision():
    found = analyst_influence(0.5, {"news": 0.1, "charts": 0.6, "macro": 0.5, "filings": None})
    assert found.mover == "news"
    assert found.shifts == pytest.approx({"charts": -0.1, "macro": 0.0, "news": 0.4})
    assert analyst_influence(0.5, {"news": 0.5}).mover is None
    assert analyst_influence(0.5, {}).mover is None


def test_an_analyst_moves_together_with_changes_of_the_decision():
    decisions = [0.0, 0.5, 0.5, -0.5, None, 1.0]
    views = {"news": [0.0, 1.0, 0.0, -1.0, 0.0, 1.0], "charts": [0.0, 0.0, 1.0, 1.0, 1.0, 1.0], "silent": [None] * 6}
    assert moved_together(views, decisions) == {"news": 1.0, "charts": 0.0, "silent": None}
