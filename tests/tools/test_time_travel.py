"""Nothing that happens after the view's moment may change what it shows."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.errors import LookAheadError
from openoutcry.domain.ids import Symbol
from openoutcry.tools.quote import build_quote
from openoutcry.tools.registry import TOOLS, gather_evidence

LAST = date(2025, 6, 30)
SPY = Symbol("SPY")
QUARTER_ENDS = [date(year, month, day) for year in range(2022, 2026) for month, day in ((3, 31), (6, 30), (9, 30))]


@pytest.fixture(scope="module")
def market(made: Any) -> Any:
    """Return a market with something of everything, all through 2025."""
    rng = np.random.default_rng(2)
    closes = [f"{price:.2f}" for price in 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 620)))]
    days = made.sessions(LAST, 620)
    filings = [
        made.quarter(end, end + timedelta(days=33), {"revenue": 90 + n, "eps": 1 + n % 4, "shares": 50, "equity": 700})
        for n, end in enumerate(QUARTER_ENDS)
    ]
    filings += [
        made.quarter(date(y, 12, 31), date(y + 1, 2, 9), {"revenue": 400, "eps": 11, "shares": 50}, annual=True)
        for y in (2022, 2023, 2024)
    ]
    titles = ("wins", "plunges", "meets", "soars", "is sued")
    return made.source(
        (*made.bars(LAST, closes), *made.bars(LAST, closes[::-1], symbol=SPY)),
        [made.split(days[place], 2) for place in (-70, -30, -10)],
        [made.dividend(days[place], "0.5") for place in range(-600, 0, 63)],
        [made.news(made.evening(day), f"Acme {titles[n % 5]} {n}") for n, day in enumerate(days[-200:])],
        filings,
        [made.macro(series, day, 20 + n % 9) for series in ("VIX", "DGS10", "T10Y2Y") for n, day in enumerate(days)],
        {made.acme: "XNYS", SPY: "XNYS"},
    )


def rewritten(source: Any, moment: Any) -> Any:
    """Return `source` with every fact after `moment` turned into something else."""

    def after(facts: Any, **changes: Any) -> Any:
        return [replace(fact, **changes) if fact.known_at > moment else fact for fact in facts]

    huge = Decimal(10) ** 6
    return replace(
        source,
        daily=after(source.daily, open=huge, high=huge, low=huge, close=huge, volume=huge),
        split_list=after(source.split_list, ratio=Decimal(1000)),
        dividend_list=after(source.dividend_list, amount=huge),
        items=after(source.items, title="Acme plunges", summary="fraud"),
        statements=after(source.statements, metrics={"eps": huge, "revenue": huge}, estimated=True),
        points=after(source.points, value=huge),
    )


def emptied(source: Any, moment: Any) -> Any:
    fields = ("daily", "split_list", "dividend_list", "items", "statements", "points")
    return replace(
        source, **{name: [fact for fact in getattr(source, name) if fact.known_at <= moment] for name in fields}
    )


@given(place=st.integers(1, 150), hours=st.sampled_from([0, 1, 12]))
@settings(max_examples=25, deadline=None)
def test_the_future_changes_nothing(made: Any, market: Any, place: int, hours: int) -> None:
    view = made.view(market, made.sessions(LAST, place)[0])
    view = replace(view, as_of=view.as_of + timedelta(hours=hours))
    before = gather_evidence(view, made.acme, TOOLS)
    assert {"px.close", "tech.beta252", "fund.sue", "sent.score30", "macro.vix"} <= {f.id for f in before.evidence}
    for change in (rewritten, emptied):
        other = replace(view, source=change(market, view.as_of))
        assert gather_evidence(other, made.acme, TOOLS) == before
        assert build_quote(other, made.acme) == build_quote(view, made.acme)
    assert all(fact.known_at <= view.as_of for fact in before.evidence)


@given(place=st.integers(1, 150))
@settings(max_examples=15, deadline=None)
def test_known_at_is_when_the_figure_could_first_be_computed(made: Any, market: Any, place: int) -> None:
    """Seen from its own `known_at`, a fact of the books or the economy is already the same."""
    view = made.view(market, made.sessions(LAST, place)[0])
    tables = ("list:macro", "list:news", "list:splits", "list:dividends")
    for fact in gather_evidence(view, made.acme, ["actions", "news", "macro", "statements"]).evidence:
        earlier = gather_evidence(
            replace(view, as_of=fact.known_at), made.acme, ["actions", "news", "macro", "statements"]
        )
        same = next((each for each in earlier.evidence if each.id == fact.id), None)
        assert same is not None
        if fact.source in tables:
            assert same == fact


def test_the_same_facts_give_the_same_bytes(made: Any, market: Any) -> None:
    view = made.view(market, LAST)
    shuffled = replace(market, **{name: list(reversed(getattr(market, name))) for name in ("items", "statements")})
    once, again = (gather_evidence(each, made.acme, TOOLS) for each in (view, replace(view, source=shuffled)))
    assert repr(once) == repr(again)


def test_a_source_that_shows_the_future_is_caught(made: Any, market: Any) -> Any:
    class Leaky(made.source):
        def filings(self, symbol: Any, *, until: Any) -> Any:
            return super().filings(symbol, until=until + timedelta(days=90))

    leaky = Leaky(statements=market.statements)
    with pytest.raises(LookAheadError):
        gather_evidence(made.view(leaky, date(2025, 3, 7)), made.acme, ["statements"])
