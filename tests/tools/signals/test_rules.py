"""Every rule expert against a recomputation with pandas or with loops."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from openoutcry.tools.signals.rules import RULE_SIGNALS
from pydantic import ValidationError

RULES = tuple(RULE_SIGNALS)


def positions(name: str, series: Any, **parameters: Any) -> Any:
    return RULE_SIGNALS[name](**parameters).positions(series)


def assert_same(found: Any, expected: Any) -> None:
    """Compare where both are defined, which must be the same places and at least 200 of them."""
    expected = np.asarray(expected, dtype=float)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    known = ~np.isnan(found)
    assert known.sum() >= 200
    assert found[known] == pytest.approx(expected[known], abs=1e-9)


def followed(events: Any) -> Any:
    """Return the last event of +1 or -1, 0 before the first, by a loop; None in `events` is undefined."""
    result, position = [], 0.0
    for event in events:
        position = event or position
        result.append(np.nan if event is None else position)
    return result


def smooth_by_loop(values: Any, share: float, start: float) -> list[float]:
    result = []
    for value in values:
        start = (1 - share) * start + share * value
        result.append(start)
    return result


def test_trend_is_the_side_of_two_averages(walk: Any) -> None:
    close = pd.Series(walk.close)
    assert_same(positions("trend", walk), np.sign(close.rolling(20).mean() - close.rolling(60).mean()))


def test_position_is_long_above_the_long_average_and_never_short(walk: Any) -> None:
    average = pd.Series(walk.close).rolling(200).mean()
    expected = (pd.Series(walk.close) > average).astype(float).where(average.notna())
    assert_same(positions("position", walk), expected)
    assert set(expected.dropna()) == {0.0, 1.0}


def test_momentum_leaves_out_the_last_month(walk: Any) -> None:
    close = pd.Series(walk.close)
    assert_same(positions("momentum", walk), np.sign(close.shift(21) - close.shift(100)))


def test_reversal_is_against_the_last_week_in_usual_deviations(walk: Any) -> None:
    logs = np.log(pd.Series(walk.close))
    usual = logs.diff().rolling(60).std().shift(5) * np.sqrt(5)
    assert_same(positions("reversal", walk), (-(logs - logs.shift(5)) / usual / 2).clip(-1, 1))


def test_breakout_enters_beyond_20_sessions_and_leaves_beyond_10(walk: Any) -> None:
    state, expected = 0.0, [np.nan] * 20
    for t in range(20, 520):
        close = walk.close[t]
        if state == 1 and close < min(walk.low[t - 10 : t]):
            state = 0.0
        if state == -1 and close > max(walk.high[t - 10 : t]):
            state = 0.0
        if close > max(walk.high[t - 20 : t]):
            state = 1.0
        if close < min(walk.low[t - 20 : t]):
            state = -1.0
        expected.append(state)
    assert set(expected[20:]) == {-1.0, 0.0, 1.0}
    assert_same(positions("breakout", walk), expected)


def test_macd_cross_is_that_of_exponential_averages(walk: Any) -> None:
    close = pd.Series(walk.close)
    line = close.ewm(span=7, adjust=False).mean() - close.ewm(span=14, adjust=False).mean()
    gap = (line - line.ewm(span=9, adjust=False).mean()).tolist()
    events: list[float | None] = [None] * 22
    for t in range(22, 520):
        events.append(1.0 if gap[t] > 0 >= gap[t - 1] else -1.0 if gap[t] < 0 <= gap[t - 1] else 0.0)
    assert events.count(1.0) > 5
    assert_same(positions("macd_cross", walk), followed(events))


def rsi_by_loop(close: Any, period: int = 14) -> list[float]:
    """Wilder 1978, see the tests of the indicators."""
    changes = np.diff(close)
    gain, loss = np.maximum(changes[:period], 0).mean(), np.maximum(-changes[:period], 0).mean()
    values = [np.nan] * period + [100 * gain / (gain + loss)]
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(change, 0)) / period
        loss = (loss * (period - 1) + max(-change, 0)) / period
        values.append(100 * gain / (gain + loss))
    return values


def raw_k(series: Any, window: int) -> Any:
    low, high = pd.Series(series.low).rolling(window).min(), pd.Series(series.high).rolling(window).max()
    return 100 * (series.close - low) / (high - low)


def test_kdj_cross_counts_only_with_the_rsi_on_its_side(walk: Any) -> None:
    raw = raw_k(walk, 9).tolist()[8:]
    k = smooth_by_loop(raw, 1 / 3, 50.0)
    d = smooth_by_loop(k, 1 / 3, 50.0)
    gap = [np.nan] * 8 + [a - b for a, b in zip(k, d, strict=True)]
    rsi = rsi_by_loop(walk.close)
    events: list[float | None] = [None] * 14
    for t in range(14, 520):
        up, down = gap[t] > 0 >= gap[t - 1], gap[t] < 0 <= gap[t - 1]
        events.append(1.0 if up and rsi[t] < 40 else -1.0 if down and rsi[t] > 60 else 0.0)
    assert 1.0 in events
    assert -1.0 in events
    assert_same(positions("kdj_cross", walk), followed(events))


def test_stochastic_bands_need_both_extremes(walk: Any) -> None:
    close = pd.Series(walk.close)
    slow = raw_k(walk, 14).rolling(3).mean()
    middle, width = close.rolling(20).mean(), 2 * close.rolling(20).std(ddof=0)
    events: list[float | None] = [None] * 19
    for t in range(19, 520):
        long = slow[t] < 20 and close[t] < middle[t] - width[t]
        short = slow[t] > 80 and close[t] > middle[t] + width[t]
        events.append(1.0 if long else -1.0 if short else 0.0)
    assert 1.0 in events
    assert -1.0 in events
    assert_same(positions("stochastic_bands", walk), followed(events))


def test_zscore_bets_on_the_way_back_and_holds(walk: Any) -> None:
    close = pd.Series(walk.close)
    score = (close - close.rolling(20).mean()) / close.rolling(20).std(ddof=0)
    events = [None if np.isnan(z) else 1.0 if z < -1 else -1.0 if z > 1 else 0.0 for z in score]
    assert_same(positions("zscore", walk), followed(events))


def test_low_volatility_is_long_in_calm_times(walk: Any) -> None:
    now = np.log(pd.Series(walk.close)).diff().rolling(20).std()
    median = now.rolling(126).median()
    expected = (now <= median).astype(float).where(median.notna())
    assert_same(positions("low_volatility", walk), expected)


@pytest.mark.parametrize("name", RULES)
def test_a_position_never_depends_on_later_bars_or_on_the_unit_of_price(
    build_series: Any, walk: Any, name: str
) -> None:
    whole = positions(name, walk)
    for end in (300, 377, 450):
        part = [column[:end] * 8.0 for column in (walk.open, walk.high, walk.low, walk.close)]
        series = build_series(part[3], open_=part[0], high=part[1], low=part[2])
        assert positions(name, series)[-1] == pytest.approx(whole[end - 1], abs=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_positions_are_in_range_and_long_only_cuts_shorts(walk: Any, name: str) -> None:
    both, long = positions(name, walk), positions(name, walk, long_only=True)
    assert np.nanmax(np.abs(both)) <= 1
    assert np.array_equal(long, np.maximum(both, 0), equal_nan=True)


@pytest.mark.parametrize("name", RULES)
def test_a_price_that_never_moved_gives_no_short_and_no_error(build_series: Any, name: str) -> None:
    flat = positions(name, build_series(np.full(300, 5.0)))
    assert set(flat[~np.isnan(flat)]) <= {0.0, 1.0}
    assert flat[-1] == (1.0 if name == "low_volatility" else 0.0)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("trend", 60),
        ("reversal", 66),
        ("breakout", 21),
        ("position", 200),
        ("macd_cross", 23),
        ("kdj_cross", 15),
        ("stochastic_bands", 20),
        ("zscore", 20),
        ("momentum", 101),
        ("low_volatility", 146),
    ],
)
def test_the_first_defined_position_is_after_a_full_window(build_series: Any, walk: Any, name: str, least: int) -> None:
    for count in (0, 1, least - 1):
        columns = {"open_": walk.open[:count], "high": walk.high[:count], "low": walk.low[:count]}
        assert np.isnan(positions(name, build_series(walk.close[:count], **columns))).all()
    assert np.flatnonzero(~np.isnan(positions(name, walk)))[0] == least - 1


@pytest.mark.parametrize("name", RULES)
def test_the_explanation_is_one_line_with_figures(walk: Any, name: str) -> None:
    text = RULE_SIGNALS[name]().explain(walk)
    assert "\n" not in text
    assert "nan" not in text
    assert any(letter.isdigit() for letter in text)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("trend", {"fast": 60}),
        ("trend", {"speed": 3}),
        ("momentum", {"skip": 100}),
        ("breakout", {"leave": 30}),
        ("macd_cross", {"fast": 14}),
        ("zscore", {"threshold": 0}),
        ("zscore", {"threshold": float("nan")}),
        ("position", {"window": 400}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(name: str, parameters: Any) -> None:
    with pytest.raises(ValidationError):
        RULE_SIGNALS[name](**parameters)
