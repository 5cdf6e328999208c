from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from openoutcry.domain.errors import InvalidData, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.market.price_history import HISTORY_BARS
from openoutcry.tools.evidence.corporate_actions import action_evidence
from openoutcry.tools.evidence.indicators import indicator_evidence
from openoutcry.tools.evidence.prices import bars_table, price_evidence
from openoutcry.tools.numbers import format_amount, round_significant
from openoutcry.tools.quote import build_quote

FRIDAY = date(2025, 3, 7)
BTC, SPY = Symbol("BTC"), Symbol("SPY")


def walk(count: int, seed: Any = 1) -> Any:
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count)))
    return [f"{price:.2f}" for price in prices]


def test_figures_cross_a_split_without_a_jump(made: Any, values: Any) -> None:
    closes = ["100"] * 300 + ["25"]
    split = made.split(FRIDAY, 4)
    found = values(price_evidence(made.view(made.source(made.bars(FRIDAY, closes), [split]), FRIDAY), made.acme))
    assert found["px.close"] == 25
    assert found["px.ret5"] == found["px.ret252"] == found["px.gap"] == 0
    assert found["px.volume_ratio"] == Decimal("0.25")
    assert found["px.from_high252"] == round_significant(1 / 1.01 - 1)


def test_evidence_says_where_when_and_what(made: Any) -> None:
    source = made.source(made.bars(FRIDAY, walk(300)))
    evidence = price_evidence(made.view(source, FRIDAY), made.acme)
    assert {fact.source for fact in evidence} == {"list:prices_daily"}
    assert {fact.known_at for fact in evidence} == {made.exchange().close(FRIDAY)}
    assert all(len(fact.text) <= 110 and "\n" not in fact.text for fact in evidence)
    ret21 = next(fact for fact in evidence if fact.id == "px.ret21")
    assert ret21.text == f"total return over 21 sessions {ret21.value:+.2%}"


def test_figures_that_the_history_is_too_short_for_are_absent(made: Any) -> None:
    view = made.view(made.source(made.bars(FRIDAY, walk(30))), FRIDAY)
    assert [fact.id for fact in price_evidence(view, made.acme)] == [
        "px.close",
        "px.ret5",
        "px.ret21",
        "px.gap",
        "px.volume_ratio",
        "px.shock",
    ]
    assert {fact.id for fact in indicator_evidence(view, made.acme)} == {
        "tech.rsi14",
        "tech.atr_pct",
        "tech.z20",
        "tech.adx14",
    }


def test_figures_depend_on_a_fixed_number_of_bars(made: Any) -> None:
    closes = walk(HISTORY_BARS + 40)
    long = made.view(made.source(made.bars(FRIDAY, closes)), FRIDAY)
    short = made.view(made.source(made.bars(FRIDAY, closes[-HISTORY_BARS:])), FRIDAY)
    for produce in (price_evidence, indicator_evidence):
        assert produce(long, made.acme) == produce(short, made.acme)


def test_figures_are_known_when_the_last_action_in_them_was(made: Any) -> None:
    close = made.exchange().close(FRIDAY)
    late = replace(made.dividend(FRIDAY, 1), known_at=close + timedelta(hours=2))
    outside = replace(made.split(date(2025, 3, 10), 2), known_at=close + timedelta(hours=3))
    source = made.source(made.bars(FRIDAY, walk(300)), [outside], [late])
    view = replace(made.view(source, FRIDAY), as_of=close + timedelta(hours=4))
    figures = {fact.id: fact.known_at for fact in price_evidence(view, made.acme)}
    assert figures["px.close"] == close
    assert figures["px.ret5"] == late.known_at


def test_window_is_two_years_and_a_month_of_sessions() -> None:
    assert HISTORY_BARS == 520


def test_stale_and_missing_prices_raise(made: Any) -> None:
    source = made.source(made.bars(date(2025, 3, 6), walk(40)))
    for produce in (price_evidence, indicator_evidence, build_quote):
        with pytest.raises(NoData, match="no bar of ACME for the session 2025-03-07"):
            produce(made.view(source, FRIDAY), made.acme)
        with pytest.raises(NoData):
            produce(made.view(made.source(), FRIDAY), made.acme)
        with pytest.raises(NoData):
            produce(made.view(source, FRIDAY), Symbol("NONE"))


def test_impossible_dividend_is_not_swallowed(made: Any) -> None:
    source = made.source(made.bars(FRIDAY, walk(40)), dividend_list=[made.dividend(FRIDAY, 900)])
    with pytest.raises(InvalidData):
        price_evidence(made.view(source, FRIDAY), made.acme)


def test_beta_needs_a_market_on_the_same_sessions(made: Any, values: Any) -> None:
    market = np.array([float(price) for price in walk(300, seed=2)])
    own = market * 3
    source = made.source(made.bars(FRIDAY, own.tolist()))
    assert "tech.beta252" not in values(indicator_evidence(made.view(source, FRIDAY), made.acme))
    both = replace(
        source,
        daily=(*source.daily, *made.bars(FRIDAY, market.tolist(), symbol=SPY)),
        calendars={made.acme: "XNYS", SPY: "XNYS"},
    )
    assert values(indicator_evidence(made.view(both, FRIDAY), made.acme))["tech.beta252"] == 1
    holes = replace(both, daily=[bar for n, bar in enumerate(both.daily) if n != 200])
    assert values(indicator_evidence(made.view(holes, FRIDAY), made.acme))["tech.beta252"] == 1
    assert "tech.beta252" not in values(indicator_evidence(made.view(both, FRIDAY), SPY))


def test_quote_is_raw_in_price_and_adjusted_in_risk(made: Any) -> None:
    closes = ["100", "101"] * 30 + ["50.75"]
    source = made.source(made.bars(FRIDAY, closes), [made.split(FRIDAY, 2)])
    found = build_quote(made.view(source, FRIDAY), made.acme)
    assert (found.last_close, found.session, found.whole_shares) == (Decimal("50.75"), FRIDAY, True)
    returns = np.diff(np.log(np.array(["100", "101"] * 30 + ["101.5"], dtype=float)))
    assert found.daily_volatility == round_significant(returns.std(ddof=1))
    assert found.average_volume == (19 * 2000 + 1000) / Decimal(20)
    assert found.atr < 2


def test_quote_of_a_young_listing_leaves_out_what_it_cannot_know(made: Any) -> None:
    young = build_quote(made.view(made.source(made.bars(FRIDAY, walk(14))), FRIDAY), made.acme)
    assert (young.daily_volatility, young.atr, young.average_volume) == (None, None, 1000)
    older = build_quote(made.view(made.source(made.bars(FRIDAY, walk(21))), FRIDAY), made.acme)
    assert older.daily_volatility is not None
    assert older.atr is not None


def test_coins_trade_in_fractions_and_their_year_has_365_days(made: Any, values: Any) -> None:
    source = made.source(
        made.bars(FRIDAY, walk(80), symbol=BTC, name="24/7"), calendars={BTC: "24/7", made.acme: "XNYS"}
    )
    view = replace(made.view(source, FRIDAY), as_of=made.morning(date(2025, 3, 8)))
    found = build_quote(view, BTC)
    assert not found.whole_shares
    annual = values(indicator_evidence(view, BTC))["tech.vol60"]
    assert float(annual) == pytest.approx(float(found.daily_volatility) * 365**0.5, rel=1e-4)


def test_bars_table_is_one_line_of_raw_rows(made: Any) -> None:
    source = made.source(made.bars(FRIDAY, ["100", "25.50"]), [made.split(FRIDAY, 4)])
    fact = bars_table(made.view(source, FRIDAY), made.acme, 2)
    assert fact.id == "px.bars2"
    assert fact.text.endswith("2025-03-06 100 101 99 100 1000; 2025-03-07 25.5 25.755 25.245 25.5 1000")
    assert "\n" not in fact.text


def test_actions_of_63_sessions_are_told_once_each(made: Any) -> None:
    days = made.sessions(FRIDAY, 64)
    dividends = [made.dividend(days[0], 9), made.dividend(days[1], "0.20"), made.dividend(days[1], 1)]
    source = made.source(made.bars(FRIDAY, walk(70)), [made.split(days[5], 4)], dividends)
    evidence = action_evidence(made.view(source, FRIDAY), made.acme)
    assert [(fact.id, fact.value, fact.source) for fact in evidence] == [
        (f"act.dividend.{days[1]}", Decimal("1.2"), "list:dividends"),
        (f"act.split.{days[5]}", 4, "list:splits"),
    ]


def test_values_have_six_significant_digits() -> None:
    assert str(round_significant(0.1 + 0.2)) == "0.3"
    assert str(round_significant(123456789.0)) == "123457000"
    assert str(round_significant(Decimal("-0.00001234567"))) == "-0.0000123457"
    assert str(round_significant(-0.0)) == "0"
    assert [format_amount(Decimal(n)) for n in ("391035000000", "-2722000", "6.08")] == ["391.0 bn", "-2.7 mn", "6.08"]
