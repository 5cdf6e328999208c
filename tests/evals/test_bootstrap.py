"""The bootstrap: blocks stay whole, series stay apart, and figures are the textbook's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.evals.statistics.bootstrap import (
    Resampling,
    share,
    sharpe,
    total,
)


@given(lengths=st.lists(st.integers(1, 70), min_size=1, max_size=4), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_every_series_is_drawn_from_itself_and_to_its_own_length(lengths, seed):
    places = Resampling(draws=20, seed=seed).places(lengths)
    assert places.shape == (20, sum(lengths))
    start = 0
    for length in lengths:
        own = places[:, start : start + length]
        assert own.min() >= start
        assert own.max() < start + length
        start += length


def test_months_of_a_block_follow_each_other_around_the_end():
    places = Resampling(draws=200).places([64])  # the cube root is a block of 4
    steps = np.diff(places, axis=1) % 64
    within = np.delete(steps, np.arange(3, 63, 4), axis=1)
    assert (within == 1).all()
    assert not (steps[:, 3::4] == 1).all()


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    same = [Resampling(draws=30, seed=4).places([60]) for _ in range(2)]
    assert (same[0] == same[1]).all()
    assert not (same[0] == Resampling(draws=30, seed=5).places([60])).all()


def test_the_sharpe_ratio_is_that_of_the_textbook():
    profits = np.array([1.0, 3.0, -2.0, 4.0])
    assert sharpe(profits) == pytest.approx(1.5 / np.sqrt(21 / 3) * np.sqrt(12))
    assert sharpe(1000 * profits) == pytest.approx(sharpe(profits))


@pytest.mark.parametrize("series", [np.zeros(12), np.array([1.0])])
def test_without_any_spread_there_is_no_sharpe_ratio_and_no_interval(series):
    drawn = Resampling(draws=10)
    assert np.isnan(sharpe(series))
    assert drawn.interval(sharpe, series, drawn.places([len(series)])) is None


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    chance = np.random.default_rng(1)
    resampling, hits = Resampling(draws=400), 0
    places = resampling.places([60])
    for _ in range(200):
        found = resampling.interval(total, chance.normal(1, 5, 60), places)
        hits += found.low <= 60 <= found.high
    assert 0.86 <= hits / 200 <= 0.99


def test_a_share_of_what_may_be_a_loss_is_not_told():
    resampling = Resampling(draws=500)
    places = resampling.places([60])
    chance = np.random.default_rng(2)
    part, sure, unsure = chance.normal(1, 1, 60), chance.normal(3, 1, 60), chance.normal(0.2, 9, 60)
    told = resampling.interval(share, np.stack([part, sure]), places)
    assert told.low < told.value < told.high < 1
    assert resampling.interval(share, np.stack([part, unsure]), places) is None
