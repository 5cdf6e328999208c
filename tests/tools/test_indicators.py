from math import log, sqrt
from statistics import fmean, pstdev, stdev
from typing import Any

import numpy as np
import pytest
from openoutcry.tools import indicators

RAMP = np.array([float(n) for n in range(1, 301)])
WALK = 100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.01, 300)))
FLAT = np.full(300, 5.0)


def rsi_by_definition(close: Any, period: int = 14) -> Any:
    """Wilder 1978: the first averages are plain means, then each is (old * 13 + new) / 14."""
    changes = np.diff(close)
    gain = fmean(max(change, 0) for change in changes[:period])
    loss = fmean(max(-change, 0) for change in changes[:period])
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(change, 0)) / period
        loss = (loss * (period - 1) + max(-change, 0)) / period
    return 100 - 100 / (1 + gain / loss)


def test_rsi_is_wilders() -> None:
    assert indicators.rsi(WALK) == pytest.approx(rsi_by_definition(WALK))
    assert indicators.rsi(WALK[:15]) == pytest.approx(rsi_by_definition(WALK[:15]))


def test_rsi_of_a_rise_is_100_and_of_a_price_that_never_moved_is_absent() -> None:
    assert indicators.rsi(RAMP) == 100
    assert indicators.rsi(FLAT) is None
    assert indicators.adx(FLAT, FLAT, FLAT) is None


def test_returns_count_sessions_not_bars() -> None:
    assert indicators.total_return(np.array([8.0, 9.0, 10.0]), 2) == pytest.approx(0.25)
    assert indicators.total_return(RAMP, 252, skip=21) == pytest.approx(279 / 48 - 1)


def test_gap_high_and_volume() -> None:
    assert indicators.gap(np.array([1.0, 11.0]), np.array([10.0, 12.0])) == pytest.approx(0.1)
    high = np.array([99.0, 20.0, 16.0])
    assert indicators.drawdown_from_high(np.array([1.0, 1.0, 15.0]), high, 2) == pytest.approx(-0.25)
    volume = np.array([7.0] + [2.0] * 20 + [5.0])
    assert indicators.volume_ratio(volume) == pytest.approx(2.5)
    assert indicators.volume_ratio(np.zeros(21)) is None


def test_averages_and_bands() -> None:
    window = RAMP[-20:]
    assert indicators.distance_from_sma(RAMP, 20) == pytest.approx(300 / fmean(window) - 1)
    assert indicators.bollinger_z(RAMP) == pytest.approx((300 - fmean(window)) / pstdev(window))
    assert indicators.bollinger_z(FLAT) is None


def test_average_true_range_is_wilders() -> None:
    high, low = WALK * 1.02, WALK * 0.99
    ranges = [
        max(h - low_, abs(h - before), abs(low_ - before))
        for h, low_, before in zip(high[1:], low[1:], WALK, strict=False)
    ]
    expected = fmean(ranges[:14])
    for each in ranges[14:]:
        expected = (expected * 13 + each) / 14
    assert indicators.atr(high, low, WALK) == pytest.approx(expected)
    assert indicators.atr(high[:15], low[:15], WALK[:15]) == pytest.approx(fmean(ranges[:14]))
    assert indicators.atr(high[:14], low[:14], WALK[:14]) is None


def test_macd_histogram_sees_acceleration_and_scales_with_price() -> None:
    faster = np.concatenate([np.full(60, 100.0), 100 * 1.01 ** np.arange(1, 8)])
    assert indicators.macd_histogram(faster) > 0
    assert indicators.macd_histogram(faster * 7) == pytest.approx(indicators.macd_histogram(faster))
    assert indicators.macd_histogram(FLAT) == pytest.approx(0, abs=1e-12)


def test_volatility_is_the_sample_deviation_of_log_returns() -> None:
    returns = [log(after / before) for before, after in zip(WALK[-61:], WALK[-60:], strict=False)]
    assert indicators.volatility(WALK) == pytest.approx(stdev(returns))
    assert indicators.annualised(0.01, 252) == pytest.approx(0.01 * sqrt(252))
    assert indicators.annualised(None, 252) is None


def test_shock_does_not_hide_itself_in_its_own_yardstick() -> None:
    close = WALK[:100].copy()
    close[-3:] *= 0.85
    sigma = stdev(np.diff(np.log(close[:-5]))[-60:])
    assert indicators.largest_move(close) == pytest.approx((close[-3] / close[-4] - 1) / sigma)
    assert indicators.largest_move(close) < -10
    assert indicators.largest_move(FLAT) is None


def variance_ratio_by_definition(close: Any, q: Any, sessions: Any) -> Any:
    """Lo & MacKinlay 1988, written out with loops."""
    x = [log(price) for price in close[-sessions - 1 :]]
    total = len(x) - 1
    mu = (x[-1] - x[0]) / total
    short = sum((x[t] - x[t - 1] - mu) ** 2 for t in range(1, total + 1)) / (total - 1)
    m = q * (total - q + 1) * (1 - q / total)
    ratio = sum((x[t] - x[t - q] - q * mu) ** 2 for t in range(q, total + 1)) / m / short
    squares = [(x[t] - x[t - 1] - mu) ** 2 for t in range(1, total + 1)]
    theta = 0.0
    for j in range(1, q):
        delta = total * sum(squares[t] * squares[t - j] for t in range(j, total)) / sum(squares) ** 2
        theta += (2 * (q - j) / q) ** 2 * delta
    return ratio, sqrt(total) * (ratio - 1) / sqrt(theta)


def test_variance_ratio_is_the_published_statistic() -> None:
    assert indicators.variance_ratio(WALK) == pytest.approx(variance_ratio_by_definition(WALK, 5, 252))


def test_variance_ratio_of_white_noise_is_one_on_average_and_its_z_is_standard() -> None:
    rng = np.random.default_rng(11)
    walks = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 253))) for _ in range(400))
    ratios, scores = zip(*(indicators.variance_ratio(walk) for walk in walks), strict=True)
    assert fmean(ratios) == pytest.approx(1, abs=0.03)
    assert stdev(scores) == pytest.approx(1, abs=0.15)


def test_variance_ratio_tells_trend_from_reversion() -> None:
    noise = np.random.default_rng(3).normal(0, 0.01, 261)
    trending = 100 * np.exp(np.cumsum(np.convolve(noise, np.ones(8) / 8, "valid")))
    reverting = 100 * np.exp(noise)
    assert indicators.variance_ratio(trending)[1] > 2
    assert indicators.variance_ratio(reverting)[1] < -2


def test_beta_is_the_slope_on_the_market() -> None:
    market = np.random.default_rng(5).normal(0, 0.01, 260)
    close, proxy = 100 * np.cumprod(1 + 1.5 * market), 100 * np.cumprod(1 + market)
    assert indicators.beta(close, proxy) == pytest.approx(1.5)
    assert indicators.beta(close, np.full(260, 9.0)) is None


@pytest.mark.parametrize(
    ("least", "compute"),
    [
        (6, lambda c: indicators.total_return(c, 5)),
        (253, lambda c: indicators.total_return(c, 252, skip=21)),
        (2, lambda c: indicators.gap(c, c)),
        (252, lambda c: indicators.drawdown_from_high(c, c, 252)),
        (21, indicators.volume_ratio),
        (61, indicators.volatility),
        (21, lambda c: indicators.volatility(c, minimum=20)),
        (26, indicators.largest_move),
        (15, indicators.rsi),
        (34, indicators.macd_histogram),
        (50, lambda c: indicators.distance_from_sma(c, 50)),
        (20, indicators.bollinger_z),
        (28, lambda c: indicators.adx(c * 1.01, c * 0.99, c)),
        (253, indicators.variance_ratio),
        (253, lambda c: indicators.beta(c, c)),
    ],
)
def test_a_history_one_bar_too_short_gives_nothing(least: int, compute: Any) -> None:
    assert compute(WALK[:least]) is not None
    assert compute(WALK[: least - 1]) is None
    assert compute(WALK[:1]) is None
