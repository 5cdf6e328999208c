"""The deflated Sharpe ratio and the probability of overfitting, against published values and brute force."""

import math
from itertools import combinations
from statistics import NormalDist

import numpy as np
import pytest
from openoutcry.evals.statistics.deflated_sharpe import deflated_sharpe, expected_best_sharpe, sharpe_probability
from openoutcry.evals.statistics.overfitting import overfitting_probability
from openoutcry.tests.evals.statistics.synthetic import null_series


def test_the_example_of_the_paper_is_reproduced():
    """Bailey & Lopez de Prado (2014): 100 trials, a variance of 1/2 a year, 1,250 days, an annual ratio of 2.5."""
    threshold = expected_best_sharpe(0.5 / 250, 100)
    assert threshold == pytest.approx(0.1132, abs=1e-4)
    assert sharpe_probability(2.5 / math.sqrt(250), threshold, 1_250, -3, 10) == pytest.approx(0.9004, abs=1e-4)
    assert sharpe_probability(2.5 / math.sqrt(250), expected_best_sharpe(0.5 / 250, 46), 1_250, -3, 10) > 0.95


def test_the_deflated_ratio_uses_the_moments_of_the_returns():
    returns = np.array([0.02, -0.01, 0.03, 0.0, 0.01, -0.02])
    deviations = returns - returns.mean()
    second, third, fourth = ((deviations**power).mean() for power in (2, 3, 4))
    ratio = returns.mean() / math.sqrt(second * 6 / 5)
    trials = [0.1, 0.2, 0.6]
    of_trials = sum((each - 0.3) ** 2 for each in trials) / 2
    threshold = math.sqrt(of_trials) * (
        (1 - 0.5772156649) * NormalDist().inv_cdf(0.8) + 0.5772156649 * NormalDist().inv_cdf(1 - 1 / (5 * math.e))
    )
    spread = math.sqrt(1 - third / second**1.5 * ratio + (fourth / second**2 - 1) / 4 * ratio**2)
    found = deflated_sharpe(returns, trials, trials=5)
    assert found.threshold == pytest.approx(threshold)
    assert found.probability == pytest.approx(NormalDist().cdf((ratio - threshold) * math.sqrt(5) / spread))
    assert (found.trials, found.sessions) == (5, 6)


def test_one_trial_is_compared_with_zero_and_unknown_ratios_with_chance():
    returns = null_series(1, 100, 0.0, 31, 0.3)[0]
    assert deflated_sharpe(returns).threshold == 0
    assert deflated_sharpe(returns, [0.3]).trials == 1
    assert deflated_sharpe(returns, trials=10).threshold == pytest.approx(expected_best_sharpe(1 / 99, 10))
    by_trials = [deflated_sharpe(returns, trials=count).probability for count in (1, 10, 100)]
    assert by_trials == sorted(by_trials, reverse=True)


def test_a_deflated_ratio_without_a_value_is_none():
    assert (
        deflated_sharpe(np.zeros(0))
        is deflated_sharpe(np.full(50, 0.1))
        is deflated_sharpe(np.array([0.1, 0.2]))
        is None
    )
    assert sharpe_probability(1.0, 0.0, 50, skewness=9.0, kurtosis=3.0) is None
    with pytest.raises(ValueError, match="at least as many trials"):
        deflated_sharpe(np.ones(9), [0.1, 0.2], trials=1)
    with pytest.raises(ValueError, match="at least one trial"):
        expected_best_sharpe(0.1, 0)


def test_the_best_of_useless_variants_reaches_the_expected_ratio():
    ratios = null_series(2_000 * 20, 60, 0.0, 32)
    best = (ratios.mean(axis=1) / ratios.std(axis=1, ddof=1)).reshape(2_000, 20).max(axis=1).mean()
    assert expected_best_sharpe(1 / 60, 20) == pytest.approx(best, rel=0.03)


def brute_force(returns, blocks):
    parts = np.split(returns, blocks)
    below = []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[place] for place in chosen])
        outside = np.concatenate([parts[place] for place in range(blocks) if place not in chosen])
        best = np.argmax(inside.mean(axis=0) / inside.std(axis=0))
        ratios = outside.mean(axis=0) / outside.std(axis=0)
        rank = (ratios < ratios[best]).sum() + 1
        below.append(math.log(rank / (len(ratios) + 1) / (1 - rank / (len(ratios) + 1))) <= 0)
    return np.mean(below), len(below)


def test_overfitting_agrees_with_brute_force_over_all_splits():
    returns = null_series(7, 60, 0.1, 33).T
    found = overfitting_probability(returns, 6)
    assert (found.probability, found.splits) == brute_force(returns, 6)


def test_sixteen_blocks_make_12870_splits_and_skill_is_not_overfitting():
    noise = null_series(10, 320, 0.0, 34).T
    assert overfitting_probability(noise).splits == 12_870
    noise[:, 3] += 1.0
    skilled = overfitting_probability(noise)
    assert skilled.probability < 0.01
    assert skilled.median_rank > 0.9


def test_without_skill_the_chosen_variant_is_below_the_median_about_half_of_the_time():
    found = [overfitting_probability(null_series(20, 160, 0.0, seed).T, 8).probability for seed in range(60)]
    assert 0.4 < np.mean(found) < 0.65


def test_variants_that_cannot_be_ranked_have_no_probability():
    series = null_series(1, 64, 0.0, 35)[0]
    assert overfitting_probability(np.column_stack([series, series])) is None
    assert overfitting_probability(series[:, None]) is None
    assert overfitting_probability(null_series(2, 31, 0.0, 36).T) is None
    with_cash = overfitting_probability(np.column_stack([series - 1, np.zeros(64)]), 4)
    assert with_cash.probability == 0
    with pytest.raises(ValueError, match="even"):
        overfitting_probability(np.zeros((30, 2)), 5)
    with pytest.raises(ValueError, match="finite"):
        overfitting_probability(np.full((64, 2), np.nan))
