"""Key figures against recomputation, on the split basis of the last session, and what is absent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openoutcry.domain.market import Profile
from openoutcry.tools.evidence.key_figures import key_figures

LAST = date(2025, 6, 30)
SPLIT = date(2025, 3, 10)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
RATIO = 2


@pytest.fixture
def market(made: Any) -> Any:
    """ACME: 300 sessions at 100 to 399, half as much from a split of 2 for 1 on; three dividends, four quarters."""
    days = made.sessions(LAST, 300)
    closes = [Decimal(100 + n) / (RATIO if day >= SPLIT else 1) for n, day in enumerate(days)]
    ends = [date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31)]
    metrics = {"EarningsPerShareDiluted": "0.5", "WeightedAverageNumberOfDilutedSharesOutstanding": 2_000_000}
    before = {"EarningsPerShareDiluted": "1.0", "WeightedAverageNumberOfDilutedSharesOutstanding": 1_000_000}
    return made.source(
        made.bars(LAST, closes),
        split_list=[made.split(SPLIT, RATIO)],
        dividend_list=[
            made.dividend(date(2024, 5, 15), "9"),
            made.dividend(date(2024, 11, 15), "1.2"),
            made.dividend(date(2025, 5, 15), "0.7"),
        ],
        statements=[made.quarter(end, end + timedelta(days=40), metrics if end > SPLIT else before) for end in ends],
    )


def test_the_figures_are_on_the_split_basis_of_the_last_session(made: Any, market: Any, values: Any) -> None:
    found = values(key_figures(made.view(market, LAST), made.acme))
    days = made.sessions(LAST, 300)
    window = [n for n, day in enumerate(days) if day > LAST - timedelta(weeks=52)]
    close = Decimal(399) / RATIO
    expected = {
        "px.high_52w": float(close) * 1.01,
        "px.low_52w": (100 + window[0]) / RATIO * 0.99,
        "fund.dividend_quarter": 0.7,
        "fund.dividend_yield": (1.2 / RATIO + 0.7) / float(close),
        "fund.market_cap": float(close) * 2_000_000,
        "fund.pe_ttm": float(close) / 2.0,
    }
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected, rel=1e-5)


def test_what_no_evidence_gives_is_named(made: Any) -> None:
    source = made.source(made.bars(LAST, [50] * 100))
    (only,) = key_figures(made.view(source, LAST), made.acme)
    assert only.id == "fund.not_available"
    assert only.value is None
    assert only.text == (
        "not available: market value, price to earnings of 12 months, quarterly dividend, dividend yield of 12 months, "
        "highest price of 52 weeks, lowest price of 52 weeks"
    )


def test_facts_of_later_days_change_nothing(made: Any, market: Any) -> None:
    early = date(2025, 2, 28)
    known = key_figures(made.view(market, early), made.acme)
    until = made.view(market, early).as_of
    cut = replace(
        market,
        daily=[bar for bar in market.daily if bar.known_at <= until],
        split_list=[],
        dividend_list=[each for each in market.dividend_list if each.known_at <= until],
        statements=[each for each in market.statements if each.known_at <= until],
    )
    assert key_figures(made.view(cut, early), made.acme) == known
    assert {item.id for item in known} >= {"fund.market_cap", "fund.dividend_yield"}
    assert "fund.dividend_quarter" not in {item.id for item in known}
    assert all(item.known_at <= until for item in known)


def test_without_statements_the_market_value_is_that_of_the_profile(made: Any) -> None:
    profile = Profile(made.acme, "Acme", "", "", "", "USD", "", None, Decimal(25_000_000), "", LONG_AGO, "one")
    source = made.source(made.bars(LAST, [50] * 300), profiles=[profile])
    found = {item.id: item for item in key_figures(made.view(source, LAST), made.acme)}
    assert found["fund.market_cap"].value == 25_000_000
    assert found["fund.market_cap"].source == "one:profile"
    assert found["fund.market_cap"].known_at == LONG_AGO
