"""Figures of real companies, against what the tape and the vendors' own adjusted prices say."""

import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.price_history import load_price_history
from openoutcry.market.view import MarketView
from openoutcry.tools.quote import build_quote
from openoutcry.tools.registry import TOOLS, gather_evidence

PRICES = Path(__file__).resolve().parents[3] / "shared" / "data" / "public" / "prices_daily.csv.gz"


def close_of(source: Any, day: date) -> Any:
    return MarketView(source, trading_calendar("XNYS").close(day))


@lru_cache(maxsize=1)
def vendor_adjusted() -> Any:
    """Return the vendors' adjusted closes, which know the future: for checking only."""
    with gzip.open(PRICES, "rt") as file:
        rows = csv.DictReader(file)
        return {(row["ticker"], row["date"]): float(row["adj_close"]) for row in rows if row["adj_close"]}


def figures(source: Any, values: Any, ticker: str, day: date, *names: Any) -> Any:
    return values(gather_evidence(close_of(source, day), Symbol(ticker), names).evidence)


@pytest.mark.parametrize(
    ("ticker", "day"),
    [
        ("AAPL", date(2020, 12, 31)),
        ("NVDA", date(2024, 12, 31)),
        ("WMT", date(2024, 6, 28)),
        ("JPM", date(2024, 6, 28)),
        ("AMZN", date(2022, 12, 30)),
        ("XOM", date(2023, 6, 30)),
    ],
)
def test_adjusted_returns_match_the_vendors(real_market: Any, ticker: str, day: date) -> None:
    series = load_price_history(close_of(real_market, day), Symbol(ticker)).series
    vendor = np.array([vendor_adjusted()[ticker, session.isoformat()] for session in series.sessions])
    ours, theirs = np.diff(np.log(series.close)), np.diff(np.log(vendor))
    assert np.abs(ours - theirs).max() < 0.003
    assert abs(ours.sum() - theirs.sum()) < 0.005


@pytest.mark.parametrize(
    ("ticker", "ex_date"),
    [
        ("AAPL", date(2020, 8, 31)),
        ("NVDA", date(2024, 6, 10)),
        ("AMZN", date(2022, 6, 6)),
        ("GOOGL", date(2022, 7, 18)),
        ("WMT", date(2024, 2, 26)),
    ],
)
def test_a_split_is_no_loss(real_market: Any, values: Any, ticker: str, ex_date: date) -> None:
    found = figures(real_market, values, ticker, ex_date, "bars", "actions")
    assert abs(found["px.ret5"]) < 0.2
    assert abs(found["px.gap"]) < 0.1
    assert found["px.volume_ratio"] < 8
    assert found[f"act.split.{ex_date}"] >= 3
    before = build_quote(close_of(real_market, trading_calendar("XNYS").previous(ex_date)), Symbol(ticker))
    after = build_quote(close_of(real_market, ex_date), Symbol(ticker))
    assert after.daily_volatility < 0.06
    assert float(after.atr / after.last_close) == pytest.approx(float(before.atr / before.last_close), rel=0.3)


@pytest.mark.parametrize(("ticker", "ex_date"), [("AAPL", date(2020, 8, 31)), ("AMZN", date(2022, 6, 6))])
def test_valuation_is_continuous_over_a_split(real_market: Any, values: Any, ticker: str, ex_date: date) -> None:
    before, after = (
        figures(real_market, values, ticker, day, "ratios", "statements")
        for day in (trading_calendar("XNYS").previous(ex_date), ex_date)
    )
    for name in ("fund.pe_ttm", "fund.ps_ttm", "fund.pb"):
        assert float(after[name]) == pytest.approx(float(before[name]), rel=0.06)
    assert before["fund.eps_ttm"] > 3 * after["fund.eps_ttm"]
    assert before["fund.eps_yoy"] == after["fund.eps_yoy"]


def test_nvidia_is_never_off_by_its_split(real_market: Any, values: Any) -> None:
    """Its statements begin after the split here, so around it there is no multiple at all: none is made up."""
    for day in (date(2024, 6, 7), date(2024, 6, 10)):
        assert not any(name.startswith("fund.") for name in figures(real_market, values, "NVDA", day, "ratios"))
    assert 30 < figures(real_market, values, "NVDA", date(2025, 4, 30), "ratios")["fund.pb"] < 40


@pytest.mark.parametrize(
    ("ticker", "day", "eps", "revenue"),
    [
        ("AAPL", date(2025, 3, 3), 6.30, 395.76e9),  # four quarters to 2024-12
        ("AAPL", date(2020, 2, 3), 12.66, 267.68e9),  # in shares of that day, before the split was known
        ("AMZN", date(2025, 3, 3), 5.53, 637.959e9),  # the annual statement is the newest
        ("MSFT", date(2024, 9, 3), 11.80, 245.122e9),
    ],
)
def test_trailing_figures_of_known_companies(
    real_market: Any, values: Any, ticker: str, day: date, eps: float, revenue: float
) -> None:
    found = figures(real_market, values, ticker, day, "statements")
    assert float(found["fund.eps_ttm"]) == pytest.approx(eps, abs=0.03)
    assert float(found["fund.revenue_ttm"]) == pytest.approx(revenue, rel=1e-3)


def test_missing_year_end_leaves_the_trailing_sums_absent(real_market: Any, values: Any) -> None:
    found = figures(real_market, values, "JPM", date(2025, 6, 2), "statements", "ratios")
    assert "fund.eps_ttm" not in found
    assert float(found["fund.eps_yoy"]) == pytest.approx(5.07 / 4.44 - 1, rel=1e-3)


@pytest.mark.parametrize("ticker", ["AAPL", "MSFT", "JNJ", "BA", "IBM", "V", "KO", "HD"])
def test_evidence_of_real_companies_is_well_formed(real_market: Any, ticker: str) -> None:
    for day in (date(2016, 6, 30), date(2021, 11, 5), date(2024, 3, 15), date(2025, 6, 30)):
        view = close_of(real_market, day)
        found = gather_evidence(view, Symbol(ticker), TOOLS)
        ids = [fact.id for fact in found.evidence]
        assert len(set(ids)) == len(ids) > 20
        for fact in found.evidence:
            assert fact.known_at <= view.as_of
            longer = {"alpha.weights": 160} | ({fact.id: 300} if fact.kind == "news" else {})
            limit = 700 if ".closes" in fact.id else longer.get(fact.id, 110)
            assert len(fact.text) <= limit, fact.text
            assert fact.value is None or len(fact.value.normalize().as_tuple().digits) <= 8


def test_shares_never_come_from_subtracted_averages(real_market: Any) -> None:
    """Price to sales times sales over the price is the share count; it never jumps between filings but by splits."""
    counts = []
    day = date(2018, 1, 31)
    while day < date(2025, 6, 1):
        view = MarketView(real_market, datetime(day.year, day.month, day.day, 23, tzinfo=UTC))
        found = {
            fact.id: fact.value
            for fact in gather_evidence(view, Symbol("AAPL"), ["ratios", "statements", "bars"]).evidence
        }
        counts.append(float(found["fund.ps_ttm"] * found["fund.revenue_ttm"] / found["px.close"]))
        day += timedelta(days=30)
    steps = np.array(counts[1:]) / np.array(counts[:-1])
    assert sorted(steps)[-1] == pytest.approx(4, rel=0.05)
    assert np.abs(np.sort(steps)[:-1] - 1).max() < 0.05
