"""Signals as evidence: ids, wording, the desk's own list, and what the future cannot change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.view import MarketView
from openoutcry.tools.evidence.signals import signal_evidence
from openoutcry.tools.functions import ToolExecutor
from openoutcry.tools.registry import gather_evidence, get_tools
from openoutcry.tools.signals.reading import read_signals
from openoutcry.tools.signals.scores import DatedScore
from openoutcry.tools.signals.spec import SignalSpec
from openoutcry.tools.signals.track_record import FillTime

LAST = date(2025, 6, 30)
TREND = SignalSpec(name="trend", track_record=40, parameters={"fast": 2, "slow": 3})


@pytest.fixture(scope="module")
def market(made: Any) -> Any:
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.02, 620)))
    days = made.sessions(LAST, 620)
    return made.source(
        made.bars(LAST, [f"{close:.2f}" for close in closes]),
        [made.split(days[-70], 2)],
        [made.dividend(day, "0.5") for day in days[-600::63]],
    )


def test_a_signal_states_its_position_reason_and_record(made: Any) -> None:
    closes = [*(Decimal(100) + n % 2 for n in range(44)), 110, 120]
    view = made.view(made.source(made.bars(LAST, closes)), LAST)
    position, record = signal_evidence(view, made.acme, [TREND])
    assert (position.id, position.value, position.source) == ("sig.trend", 1, "list:prices_daily")
    assert position.text == "trend: long +1.00; average of 2 sessions +4.23% against that of 3 sessions"
    assert record.id == "sig.trend.record"
    assert record.text.startswith("record of 40 sessions: return -32.3%, Sharpe -")
    assert record.value == Decimal("-0.322918")
    assert "; buy-and-hold +18.8%, +" in record.text
    assert {position.known_at, record.known_at} == {made.exchange().close(LAST)}


def test_a_history_too_short_omits_the_signal_and_none_raises(made: Any) -> None:
    view = made.view(made.source(made.bars(LAST, [10, 11])), LAST)
    assert signal_evidence(view, made.acme, [TREND]) == ()
    assert gather_evidence(view, made.acme, ["signals"]).empty == (("signals", "too few bars of ACME for any signal"),)
    with pytest.raises(NoData):
        signal_evidence(made.view(made.source(), LAST), made.acme)


def test_a_desk_names_its_own_signals(made: Any, market: Any) -> None:
    view = made.view(market, LAST)
    own = (TREND, SignalSpec(name="quick", uses="zscore", track_record=0))
    found = gather_evidence(view, made.acme, ["signals"], own)
    assert [fact.id for fact in found.evidence] == ["sig.trend", "sig.trend.record", "sig.quick"]
    assert found.evidence == signal_evidence(view, made.acme, own)
    assert "[sig.quick] " in ToolExecutor(view, made.acme, ["signals"], own).call("signals", "{}")
    assert len(gather_evidence(view, made.acme, ["signals"]).evidence) == 20
    with pytest.raises(ConfigError):
        get_tools(["signal"], own)


def test_bars_after_the_view_change_nothing(made: Any, market: Any) -> None:
    day = made.sessions(LAST, 30)[0]
    view = made.view(market, day)
    before = signal_evidence(view, made.acme)
    wrong = [replace(bar, close=bar.close * 9) if bar.known_at > view.as_of else bar for bar in market.daily]
    late = (*market.split_list, made.split(made.sessions(LAST, 3)[0], 7))
    assert signal_evidence(replace(view, source=replace(market, daily=wrong, split_list=late)), made.acme) == before
    assert signal_evidence(made.view(market, LAST), made.acme) != before
    assert len(before) == 20


def test_scores_of_a_model_have_a_record_like_any_rule(made: Any, market: Any) -> None:
    view = made.view(market, LAST)
    days = made.sessions(LAST, 100)
    mood = SignalSpec(name="mood", kind="llm_score", track_record=60)
    assert read_signals(view, made.acme, [mood]) == ()
    scores = {"mood": [DatedScore(days[0], 5), DatedScore(days[50], 3)]}
    (reading,) = read_signals(view, made.acme, [mood], scores=scores, fill=FillTime.CLOSE)
    assert (reading.position, reading.record.sessions, reading.record.changes) == (0, 60, 1)
    assert reading.explanation == f"score 3 of 5, given on {days[50]}"
    position, record = signal_evidence(view, made.acme, [mood], scores=scores)
    assert position.text == f"mood: no position +0.00; score 3 of 5, given on {days[50]}"
    assert record.text.startswith("record of 60 sessions: ")


def test_a_market_without_weekends_has_365_sessions_a_year(made: Any) -> None:
    day = date(2025, 6, 28)
    closes = [100 + n % 7 + n % 3 for n in range(60)]
    hold = SignalSpec(name="hold", uses="position", track_record=40, parameters={"window": 1})
    found = []
    for name, last in (("24/7", day), ("XNYS", LAST)):
        source = made.source(made.bars(last, closes, name=name), calendars={made.acme: name})
        view = MarketView(source, trading_calendar(name).close(last))
        found.append(read_signals(view, made.acme, [hold])[0].record.buy_and_hold.sharpe)
    assert found[0] / found[1] == pytest.approx((365 / 252) ** 0.5)
