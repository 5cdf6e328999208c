"""The track record against a bookkeeping loop, and its limits."""

from datetime import date
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
from openoutcry.tools.signals.track_record import FillTime, compute_track_record


def equity_by_loop(series: Any, positions: Any, start: int) -> list[float]:
    """Follow cash and shares: each session the old position is held to the open, then the new one to the close."""
    equity = [1.0]
    for t in range(start, len(series)):
        morning = equity[-1] + positions[t - 2] * equity[-1] * (series.open[t] / series.close[t - 1] - 1)
        equity.append(morning + positions[t - 1] * morning * (series.close[t] / series.open[t] - 1))
    return equity


def test_the_record_is_what_an_account_would_have_earned(walk: Any) -> None:
    positions = np.concatenate([np.full(100, np.nan), np.tile([1.0, 0.0, -1.0, 0.5], 105)])
    record = compute_track_record(walk, positions, 252)
    equity = equity_by_loop(walk, positions, 520 - 252)
    returns = [after / before - 1 for before, after in pairwise(equity)]
    assert record.sessions == 252
    assert (record.first, record.last) == (walk.sessions[-252], walk.sessions[-1])
    assert record.signal.total_return == pytest.approx(equity[-1] - 1)
    assert record.signal.sharpe == pytest.approx(fmean(returns) / stdev(returns) * 252**0.5)
    depth = min(value / max(equity[: place + 1]) - 1 for place, value in enumerate(equity))
    assert record.signal.max_drawdown == pytest.approx(depth)
    assert record.changes == 252
    assert record.buy_and_hold.total_return == pytest.approx(walk.close[-1] / walk.close[-253] - 1)
    assert record.excess_return == pytest.approx(record.signal.total_return - record.buy_and_hold.total_return)


def test_always_long_is_buy_and_hold_at_either_fill(walk: Any) -> None:
    for fill in FillTime:
        record = compute_track_record(walk, np.ones(520), 200, fill=fill)
        assert record.signal.total_return == pytest.approx(record.buy_and_hold.total_return)
        assert record.signal.sharpe == pytest.approx(record.buy_and_hold.sharpe)
        assert record.changes == 0


def test_a_signal_that_knows_the_same_close_earns_nothing_from_it(build_series: Any) -> None:
    """Prices jump between closes only; the position foresees nothing, so it must not profit from its own session."""
    close = np.array([100.0, 110.0] * 30)
    own_session = np.where(np.diff(close, prepend=100.0) > 0, 1.0, 0.0)
    series = build_series(close, open_=np.concatenate([[100.0], close[:-1]]))
    assert compute_track_record(series, own_session, 40).signal.total_return < -0.8


def test_a_fill_at_the_close_waits_one_session_more(walk: Any) -> None:
    positions = np.sign(np.sin(np.arange(520.0)))
    record = compute_track_record(walk, positions, 100, fill=FillTime.CLOSE)
    equity = 1.0
    for t in range(420, 520):
        equity *= 1 + positions[t - 2] * (walk.close[t] / walk.close[t - 1] - 1)
    assert record.signal.total_return == pytest.approx(equity - 1)


def test_a_short_history_gives_a_shorter_record_and_then_none(walk: Any) -> None:
    positions = np.concatenate([np.full(498, np.nan), np.ones(22)])
    assert compute_track_record(walk, positions, 252).sessions == 20
    positions[498] = np.nan
    assert compute_track_record(walk, positions, 252) is None
    assert compute_track_record(walk, np.full(520, np.nan), 252) is None
    assert compute_track_record(walk, np.ones(520), 0) is None


@pytest.mark.parametrize("fill", FillTime)
@pytest.mark.parametrize("gap", [True, False], ids=["at-the-open", "within-the-session"])
def test_a_short_position_that_lost_everything_stays_at_nothing(build_series: Any, fill: Any, gap: bool) -> None:
    close = np.concatenate([np.full(20, 10.0), [25.0], np.full(20, 5.0)])
    series = build_series(close, open_=close if gap else np.concatenate([[10.0], close[:-1]]))
    record = compute_track_record(series, np.full(41, -1.0), 30, fill=fill)
    assert record.signal.total_return == -1
    assert record.signal.max_drawdown == -1
    assert record.signal.sharpe is None
    assert record.last == date(2025, 6, 30)
