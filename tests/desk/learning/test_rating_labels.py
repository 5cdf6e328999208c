"""Rating labels against pandas, and the embargo before the test window."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from openoutcry.desk.learning.rating_labels import RatingCuts, fit_cuts, label_ratings, label_scores
from openoutcry.domain.outputs import Rating

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, 400)))
DAYS = [date(2024, 1, 1) + timedelta(days=place) for place in range(400)]


def test_the_score_is_the_published_sum():
    average = pd.Series(CLOSE).ewm(span=3, adjust=False).mean()
    expected = 0
    for horizon, weight in ((3, 0.3), (7, 0.5), (15, 0.2)):
        forward = average.shift(-horizon) / average - 1
        expected = expected + weight * forward / forward.rolling(20).std()
    found = label_scores(CLOSE)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.flatnonzero(~np.isnan(found))[[0, -1]].tolist() == [19, 384]
    assert found[19:385] == pytest.approx(expected[19:385])


def test_cuts_are_quantiles_of_training_scores_only():
    scores = label_scores(CLOSE)
    cuts = fit_cuts(scores, DAYS, DAYS[300])
    assert cuts.values == pytest.approx(np.quantile(scores[19:285], [0.03, 0.15, 0.53, 0.85]))
    ratings = label_ratings(scores[:285], cuts)
    shares = [sum(rating is each for rating in ratings) / 266 for each in reversed(Rating)]
    assert shares == pytest.approx([0.03, 0.12, 0.38, 0.32, 0.15], abs=0.01)
    assert ratings[:19] == (None,) * 19


def test_no_price_of_the_test_window_reaches_the_cuts():
    changed = CLOSE.copy()
    changed[300:] *= np.linspace(1.5, 9, 100)
    cuts = [fit_cuts(label_scores(close), DAYS, DAYS[300]) for close in (CLOSE, changed)]
    assert cuts[0] == cuts[1]
    changed[285:300] *= 0.2
    assert fit_cuts(label_scores(changed), DAYS, DAYS[300]) != cuts[0]


def test_a_score_at_a_cut_has_the_rating_above():
    cuts = RatingCuts((-2.0, -1.0, 1.0, 2.0))
    scores = np.array([-2.1, -2.0, -1.0, 0.99, 1.0, 2.0, np.nan])
    expected = ("sell", "underweight", "hold", "hold", "overweight", "buy", None)
    assert tuple(rating and str(rating) for rating in label_ratings(scores, cuts)) == expected


def test_few_days_or_a_price_that_never_moves_give_no_cuts():
    assert fit_cuts(label_scores(CLOSE), DAYS, DAYS[19 + 15 + 19]) is None
    assert fit_cuts(label_scores(CLOSE), DAYS, DAYS[19 + 15 + 20]) is not None
    assert fit_cuts(label_scores(CLOSE), DAYS, DAYS[0]) is None
    flat = label_scores([50.0] * 100)
    assert np.isnan(flat).all()
    assert fit_cuts(flat, DAYS[:100], DAYS[99]) is None
    for short in ([], [5.0], [5.0] * 15):
        assert np.isnan(label_scores(short)).all()
    with pytest.raises(ValueError, match="positive"):
        label_scores([1.0, 0.0])
