"""Weights by exponentiated gradient over frozen formulas, recomputed by hand and without the future."""

import math
from datetime import date

import numpy as np
import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.price_history import load_price_history
from openoutcry.market.view import MarketView
from openoutcry.tools.signals.alpha_weights import alpha_signal, exponentiated_gradient


def test_a_small_table_by_hand():
    scores, returns = [(1.0, -0.5), (2.0, 0.0), (-1.0, 1.0)], (0.02, -0.01, 0.03)
    plus, minus = [1.0, 1.0], [1.0, 1.0]
    for row, move in zip(scores, returns, strict=True):
        for place in (0, 1):
            plus[place] *= math.exp(2.0 * row[place] * move)
            minus[place] *= math.exp(-2.0 * row[place] * move)
    whole = sum(plus) + sum(minus)
    signed = [(up - down) / whole for up, down in zip(plus, minus, strict=True)]
    expected = [each / sum(map(abs, signed)) for each in signed]
    assert exponentiated_gradient(np.array(scores), np.array(returns)) == pytest.approx(expected)


def test_a_formula_that_is_right_gets_weight_and_one_that_is_wrong_gets_the_other_sign():
    returns = np.array([0.01, -0.02, 0.03, -0.01] * 10)
    scores = np.column_stack([np.sign(returns), -np.sign(returns), np.tile([1.0, 1.0, -1.0, -1.0], 10)])
    right, wrong, noise = exponentiated_gradient(scores, returns)
    assert right == pytest.approx(-wrong)
    assert right > abs(noise)


def test_without_information_all_weights_are_zero():
    assert not exponentiated_gradient(np.zeros((5, 3)), np.ones(5)).any()


def test_sizes_sum_to_one_and_the_signal_does_not_depend_on_the_future(demo):
    as_of = trading_calendar("XNYS").close(date(2025, 3, 3))
    later = trading_calendar("XNYS").close(date(2025, 6, 2))
    early = load_price_history(MarketView(demo, as_of), Symbol("CALDR")).series
    found = alpha_signal(early)
    assert sum(map(abs, found.weights.values())) == pytest.approx(1)
    assert -1 <= found.position <= 1
    again = alpha_signal(load_price_history(MarketView(demo, later).narrow(as_of), Symbol("CALDR")).series)
    assert again == found
