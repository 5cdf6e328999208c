"""All figures of one track: consistent with each other, and never nan."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.performance.track_figures import Track, track_figures


def track(equity, **changed):
    sessions = len(equity) - 1
    empty = dict.fromkeys(("costs", "token_costs", "traded", "long", "short"), np.zeros(sessions))
    return Track(np.array(equity, dtype=float), **{**empty, **changed})


def test_figures_agree_with_those_of_their_parts():
    found = track_figures(
        track(
            [100, 110, 99, 103.95],
            costs=np.array([1.0, 0, 0]),
            token_costs=np.array([0, 0, 0.99]),
            traded=np.array([50.0, 0, 99]),
            long=np.array([55.0, 0, 0]),
            benchmark=np.array([0.05, -0.05, 0.025]),
        )
    )
    assert found.sessions == 3
    assert found.total_return == pytest.approx(0.0395)
    assert found.gross_return == pytest.approx(1.11 * 0.9 * 1.05 - 1)
    assert found.return_after_tokens == pytest.approx(1.1 * 0.9 * 1.04 - 1)
    assert found.beta == pytest.approx(2)
    assert found.alpha == pytest.approx(0, abs=1e-12)
    assert found.turnover == pytest.approx(1.5 / 3 * 252)
    assert found.time_in_market == pytest.approx(1 / 3)
    assert found.gross_exposure == found.net_exposure == pytest.approx(0.5 / 3)
    assert found.profit_factor == pytest.approx((10 + 4.95) / 11)
    assert found.sharpe_after_tokens < found.sharpe


def test_an_account_without_equity_has_a_return_and_a_drawdown_alone():
    found = track_figures(track([100, -20, -10]))
    assert found.ruined
    assert found.total_return == pytest.approx(-1.1)
    assert found.sharpe is found.turnover is found.shortfall is None


def test_a_track_of_unequal_arrays_is_refused():
    with pytest.raises(ValueError, match="one element a session"):
        track([100, 101], costs=np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        track([100, math.nan])


@given(
    rest=st.lists(st.floats(-10, 1e4, allow_nan=False), max_size=12),
    cost=st.floats(0, 50),
    moved=st.floats(0, 100),
    bench=st.floats(-0.5, 0.5),
)
def test_no_figure_is_ever_infinite_or_not_a_number(rest, cost, moved, bench):
    full = np.full(len(rest), 1.0)
    made = track(
        [100.0, *rest], costs=cost * full, token_costs=cost * full, traded=moved * full, benchmark=bench * full
    )
    numbers = [value for value in asdict(track_figures(made)).values() if value is not None]
    assert all(math.isfinite(value) for value in numbers)


def test_token_costs_above_equity_lose_everything_once():
    found = track_figures(track([100, 100, 100], token_costs=np.array([150.0, 150.0])))
    assert found.return_after_tokens == -1
    assert found.total_return == 0
