"""Oscillators, scales and peers against recomputation, and what is absent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Profile
from openoutcry.tools.evidence.oscillators import oscillator_evidence
from openoutcry.tools.evidence.peers import find_peers, peer_evidence
from openoutcry.tools.evidence.scales import scale_evidence

LAST = date(2025, 6, 30)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FUTURE = datetime(2030, 1, 1, tzinfo=UTC)


def walk(seed: int, count: int = 300) -> Any:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count)))


def test_oscillators_are_the_published_formulas(made: Any, values: Any) -> None:
    closes = [round(each, 2) for each in walk(1)]
    found = values(oscillator_evidence(made.view(made.source(made.bars(LAST, closes)), LAST), made.acme))
    close = pd.Series(closes)
    high, low = (close * factor for factor in (1.01, 0.99))
    top, bottom = high.rolling(14).max(), low.rolling(14).min()
    slow = (100 * (close - bottom) / (top - bottom)).rolling(3).mean()
    line = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    gap = line - line.ewm(span=9, adjust=False).mean()
    expected = {
        "osc.macd_line": line.iloc[-1] / close.iloc[-1],
        "osc.macd_hist": gap.iloc[-1] / close.iloc[-1],
        "osc.roc10": close.iloc[-1] / close.iloc[-11] - 1,
        "osc.stoch_k": slow.iloc[-1],
        "osc.stoch_d": slow.rolling(3).mean().iloc[-1],
        "osc.willr14": -100 * (top.iloc[-1] - close.iloc[-1]) / (top.iloc[-1] - bottom.iloc[-1]),
    }
    change = close.diff()
    gain, loss = ((change * sign).clip(lower=0) for sign in (1, -1))
    means = [each[1:15].mean() for each in (gain, loss)]
    for place in range(15, 300):
        means = [(old * 13 + each[place]) / 14 for old, each in zip(means, (gain, loss), strict=True)]
    expected["osc.rsi14"] = 100 * means[0] / sum(means)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected, rel=1e-4)


def test_oscillators_of_a_flat_or_short_history_are_absent(made: Any) -> None:
    flat = [made.bar(day, 50) for day in made.sessions(LAST, 60)]
    found = oscillator_evidence(made.view(made.source(flat), LAST), made.acme)
    assert {fact.id for fact in found} == {"osc.macd_line", "osc.macd_hist", "osc.roc10"}
    assert all(fact.value == 0 for fact in found)
    late = [*flat[:-4], *(made.bar(day, 50 + n) for n, day in enumerate(made.sessions(LAST, 4)))]
    moved = {fact.id for fact in oscillator_evidence(made.view(made.source(late), LAST), made.acme)}
    assert "osc.stoch_k" in moved
    assert "osc.stoch_d" not in moved
    for count, present in ((14, "osc.willr14"), (16, "osc.stoch_k"), (18, "osc.stoch_d")):
        for bars, there in ((count, True), (count - 1, False)):
            source = made.source(made.bars(LAST, [100 + n % 3 for n in range(bars)]))
            ids = {fact.id for fact in oscillator_evidence(made.view(source, LAST), made.acme)}
            assert (present in ids) is there


def test_each_scale_sums_up_its_own_periods(made: Any, values: Any) -> None:
    days = made.sessions(LAST, 520)
    closes = [round(each, 2) for each in walk(2, 520)]
    evidence = scale_evidence(made.view(made.source(made.bars(LAST, closes)), LAST), made.acme)
    frame = pd.DataFrame({"close": closes}, index=pd.DatetimeIndex(days))
    found = values(evidence)
    for name, length, rule in (("monthly", 730, "M"), ("weekly", 180, "W"), ("daily", 90, "D")):
        window = frame[frame.index > pd.Timestamp(LAST) - pd.Timedelta(days=length)]
        last = window.groupby(window.index.to_period(rule)).close.last()
        assert float(found[f"scale.{name}"]) == pytest.approx(last.iloc[-1] / last.iloc[0] - 1, rel=1e-5)
        summary, table = (fact.text for fact in evidence if fact.id.startswith(f"scale.{name}"))
        steps = last.pct_change().dropna()
        assert f"{(steps > 0).sum()} of {len(steps)} up, best {steps.max():+.1%}, worst {steps.min():+.1%}" in summary
        assert f"high {window.close.max() * 1.01:.4g}, low {window.close.min() * 0.99:.4g}" in summary
        shown = [float(each) for each in table.partition("first: ")[2].split()]
        assert shown == pytest.approx(last.tolist(), rel=1e-3)
    assert "monthly adjusted closes, 2023-07 to 2025-06" in evidence[1].text
    assert "weekly adjusted closes, 2025-W01 to 2025-W27" in evidence[3].text


def test_a_scale_with_one_period_is_omitted(made: Any) -> None:
    view = made.view(made.source(made.bars(LAST, [10, 11])), LAST)
    assert scale_evidence(view, made.acme)[0].id == "scale.weekly"
    assert scale_evidence(made.view(made.source(made.bars(LAST, [10])), LAST), made.acme) == ()


@pytest.fixture(scope="module")
def neighbours(made: Any) -> Any:
    """ACME with six followers, AAA the closest, FFF the loosest, and others that must never be peers."""
    own = walk(5)
    moves = np.diff(np.log(own), prepend=np.log(own[0]))
    bars = list(made.bars(LAST, [f"{each:.4f}" for each in own]))
    for place, name in enumerate(("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")):
        noise = np.random.default_rng(50 + place).normal(0, 0.003 * (place + 1), 300)
        closes = 50 * np.exp(np.cumsum(moves + noise))
        bars += made.bars(LAST, [f"{each:.4f}" for each in closes], symbol=Symbol(name))
    for name in ("SPY", "COIN"):
        bars += made.bars(LAST, [f"{each:.4f}" for each in own], symbol=Symbol(name))
    bars += made.bars(made.sessions(LAST, 9)[0], ["9"] * 200, symbol=Symbol("GONE"))
    bars += made.bars(LAST, ["9"] * 300, symbol=Symbol("FLAT"))
    calendars = dict.fromkeys(sorted({bar.symbol for bar in bars}), "XNYS") | {Symbol("COIN"): "24/7"}
    return made.source(bars, calendars=calendars)


def profile(symbol: str, sector: str, known_at: Any = LONG_AGO) -> Profile:
    return Profile(Symbol(symbol), symbol, sector, "", "", "USD", "", None, None, "", known_at)


def names(peers: Any) -> list[str]:
    return [str(peer.symbol) for peer in peers]


def test_peers_are_the_most_correlated_of_the_same_calendar(made: Any, neighbours: Any) -> None:
    view = made.view(neighbours, LAST)
    peers = find_peers(view, made.acme)
    assert names(peers) == ["AAA", "BBB", "CCC", "DDD", "EEE"]
    closes = {s: [float(b.close) for b in neighbours.daily if b.symbol == s] for s in (made.acme, Symbol("AAA"))}
    returns = [np.diff(np.log(each))[-252:] for each in closes.values()]
    assert peers[0].correlation == pytest.approx(np.corrcoef(*returns)[0, 1])


def test_the_same_sector_comes_first_as_far_as_it_is_known(made: Any, neighbours: Any) -> None:
    known = [profile("ACME", "Tools"), profile("FFF", " tools "), profile("DDD", "Tools"), profile("AAA", "Drinks")]
    view = made.view(replace(neighbours, profiles=known), LAST)
    assert names(find_peers(view, made.acme)) == ["DDD", "FFF", "AAA", "BBB", "CCC"]
    late = [profile("ACME", "Tools"), profile("FFF", "Tools", FUTURE)]
    assert names(find_peers(made.view(replace(neighbours, profiles=late), LAST), made.acme))[0] == "AAA"


def test_the_return_is_compared_with_the_mean_of_the_peers(made: Any, neighbours: Any, values: Any) -> None:
    evidence = peer_evidence(made.view(neighbours, LAST), made.acme)
    found = values(evidence)

    def change(symbol: str) -> float:
        closes = [float(bar.close) for bar in neighbours.daily if bar.symbol == symbol]
        return closes[-1] / closes[-22] - 1

    theirs = [change(name) for name in ("AAA", "BBB", "CCC", "DDD", "EEE")]
    assert float(found["peer.ret21"]) == pytest.approx(change("ACME") - sum(theirs) / 5, rel=1e-4)
    above = sum(change("ACME") > each for each in theirs)
    assert next(fact.text for fact in evidence if fact.id == "peer.ret21").endswith(f"peers, above {above} of them")
    assert evidence[0].text.startswith("peers and their correlation: AAA 0.")


def test_without_a_similar_symbol_there_is_nothing(made: Any) -> None:
    alone = made.source(made.bars(LAST, [f"{each:.2f}" for each in walk(6)]))
    assert peer_evidence(made.view(alone, LAST), made.acme) == ()


def test_an_outage_of_one_candidate_leaves_it_out(made: Any, neighbours: Any) -> None:
    class Broken(made.source):
        def bars(self, symbol: Any, interval: Any, *, until: Any, count: int) -> Any:
            if symbol == "AAA":
                raise SourceUnavailable("the wire is down")
            return super().bars(symbol, interval, until=until, count=count)

    broken = Broken(neighbours.daily, calendars=neighbours.calendars)
    assert names(find_peers(made.view(broken, LAST), made.acme)) == ["BBB", "CCC", "DDD", "EEE", "FFF"]
