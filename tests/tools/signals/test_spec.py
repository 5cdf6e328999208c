"""The `signals:` section: what it accepts, and the signals of the library, of factors and of scores."""

import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import talib
from openoutcry.domain.errors import ConfigError
from openoutcry.tools.signals.factors import FactorName
from openoutcry.tools.signals.rules import RULE_SIGNALS
from openoutcry.tools.signals.scores import DatedScore, ScoreSignal, score_position
from openoutcry.tools.signals.spec import DEFAULT_SIGNALS, SignalSpec, build_signal
from pydantic import ValidationError


def spec(**fields: Any) -> Any:
    return SignalSpec.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "tarot"}, "there is no rule 'tarot'; the rules are trend, reversal"),
        ({"name": "trend", "parameters": {"fast": 60}}, r"signal trend: .*fast \(60\) must be below slow \(60\)"),
        ({"name": "trend", "parameters": {"speed": 60}}, "signal trend: speed: Extra inputs are not permitted"),
        ({"name": "x", "kind": "library", "uses": "CDLNONE"}, "TA-Lib has no function 'CDLNONE'"),
        ({"name": "rsi", "kind": "library"}, "RSI gives no position"),
        ({"name": "sma", "kind": "library", "parameters": {"period": 3}}, "SMA has no parameter 'period'; it has time"),
        ({"name": "sma", "kind": "library", "parameters": {"timeperiod": -5}}, "out of range for SMA"),
        ({"name": "sma", "kind": "library", "parameters": {"timeperiod": 500}}, "out of range for SMA"),
        ({"name": "sma", "kind": "library", "parameters": {"timeperiod": 2.5}}, "expected int, got float"),
        ({"name": "value", "kind": "factor"}, "there is no factor 'value'; the factors are momentum_3"),
        ({"name": "mood", "kind": "llm_score", "parameters": {"x": 1}}, "an llm_score has no parameter 'x'"),
        ({"name": "trend", "kind": "magic"}, "Input should be 'rule', 'library', 'factor' or 'llm_score'"),
        ({"name": "trend", "track_record": 501}, "less than or equal to 500"),
        ({"name": "Trend"}, "String should match pattern"),
        ({"name": "trend", "weight": 1}, "Extra inputs are not permitted"),
    ],
    ids=lambda value: value["name"] + "-" + next(reversed(value)) if isinstance(value, dict) else "",
)
def test_a_signal_that_cannot_be_built_says_why(fields: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        spec(**fields)


def test_the_same_rule_can_be_used_twice_under_two_names(walk: Any) -> None:
    slow = spec(name="slow_trend", uses="trend", parameters={"fast": 50, "slow": 200})
    close = pd.Series(walk.close)
    expected = np.sign(close.rolling(50).mean() - close.rolling(200).mean())
    assert build_signal(slow).positions(walk)[199:] == pytest.approx(expected[199:])


def test_the_default_signals_are_all_rules_as_validation_would_return_them() -> None:
    assert [each.name for each in DEFAULT_SIGNALS] == list(RULE_SIGNALS)
    assert tuple(SignalSpec(name=name) for name in RULE_SIGNALS) == DEFAULT_SIGNALS


def test_a_missing_library_names_the_command_that_installs_it(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "openoutcry.tools.talib_import", None)
    with pytest.raises(ConfigError, match="pip install TA-Lib"):
        spec(name="sma", kind="library")


def test_a_pattern_is_held_for_the_asked_sessions(walk: Any) -> None:
    engulfing = spec(name="engulfing", kind="library", uses="CDLENGULFING", parameters={"hold": 3})
    found = build_signal(engulfing).positions(walk)
    seen = talib.CDLENGULFING(walk.open, walk.high, walk.low, walk.close)
    expected = []
    for t in range(520):
        recent = [int(np.sign(each)) for each in seen[max(0, t - 2) : t + 1] if each]
        expected.append(recent[-1] if recent else 0)
    assert {-1, 0, 1} == set(expected)
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == expected[2:]
    assert build_signal(engulfing).explain(walk).startswith("last pattern within 3 sessions: ")


def test_an_average_is_a_side_and_an_oscillator_a_sign(walk: Any) -> None:
    close = pd.Series(walk.close)
    average = build_signal(spec(name="sma", kind="library", parameters={"timeperiod": 30, "long_only": True}))
    assert average.positions(walk)[29:].tolist() == (close > close.rolling(30).mean())[29:].astype(float).tolist()
    assert np.isnan(average.positions(walk)[:29]).all()
    change = build_signal(spec(name="mom", kind="library", parameters={"timeperiod": 10}))
    assert change.positions(walk)[10:].tolist() == np.sign(close.diff(10))[10:].tolist()


@pytest.mark.parametrize("name", [str(each) for each in FactorName])
def test_a_factor_is_a_zscore_of_the_past_only(build_series: Any, walk: Any, name: str) -> None:
    factor = build_signal(spec(name=name, kind="factor"))
    whole = factor.positions(walk)
    assert np.isfinite(whole[-300:]).all()
    assert np.nanmax(np.abs(whole)) == 1
    part = [column[:400] * 3 for column in (walk.open, walk.high, walk.low, walk.close)]
    early = build_series(part[3], open_=part[0], high=part[1], low=part[2], volume=walk.volume[:400])
    assert factor.positions(early)[-1] == pytest.approx(whole[399], abs=1e-6)
    flipped = build_signal(spec(name=name, kind="factor", parameters={"direction": -1}))
    assert flipped.positions(walk)[-300:] == pytest.approx(-whole[-300:])
    assert name in factor.explain(walk)


def test_two_factors_against_pandas(walk: Any) -> None:
    close, volume = pd.Series(walk.close), pd.Series(walk.volume)
    balance = (np.sign(close.diff()).fillna(0) * volume).cumsum()
    formulas = {"momentum_10": close.pct_change(10), "obv": balance - balance.rolling(20).mean()}
    for name, values in formulas.items():
        score = (values - values.rolling(60).mean()) / values.rolling(60).std(ddof=0)
        found = build_signal(spec(name=name, kind="factor")).positions(walk)
        assert found[-400:] == pytest.approx((score / 2).clip(-1, 1)[-400:], abs=1e-6)


def test_scores_are_positions_until_the_next_score(walk: Any) -> None:
    assert [score_position(score) for score in range(1, 6)] == [-1, -0.5, 0, 0.5, 1]
    with pytest.raises(ValueError, match="from 1 to 5, not 6"):
        score_position(6)
    days = walk.sessions
    given = (DatedScore(days[30], 1), DatedScore(days[10], 5), DatedScore(date(2030, 1, 2), 5))
    signal = build_signal(spec(name="mood", kind="llm_score"), given)
    found = signal.positions(walk)
    assert np.isnan(found[:10]).all()
    assert set(found[10:30]) == {1.0}
    assert set(found[30:]) == {-1.0}
    assert signal.explain(walk) == f"score 1 of 5, given on {days[30]}"
    assert set(ScoreSignal(given, long_only=True).positions(walk)[30:]) == {0.0}
    assert np.isnan(build_signal(spec(name="mood", kind="llm_score")).positions(walk)).all()
