"""A view with a memo gives what a view without one gives, byte for byte."""

import random
from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.adjustment import BarColumns, bar_columns
from openoutcry.market.view import MarketView
from openoutcry.market.view_memo import ViewMemo
from openoutcry.tools.quote import build_quote
from openoutcry.tools.registry import TOOLS, gather_evidence

XNYS = trading_calendar("XNYS")


def everything(view, symbol):
    """Return all evidence, the quote and the reasons for what is missing, as text with every digit."""
    try:
        quote = asdict(build_quote(view, symbol))
    except NoData as error:
        quote = str(error)
    return repr((gather_evidence(view, symbol, TOOLS), quote))


def compare(source, symbols, days):
    """Walk through `days` with one memo and compare every view with one that derives everything anew."""
    memo, facts = ViewMemo(), 0
    for day in days:
        for symbol in symbols:
            as_of = XNYS.close(day)
            found = everything(MarketView(source, as_of, memo), symbol)
            assert found == everything(MarketView(source, as_of), symbol), (day, symbol)
            facts += found.count("Evidence(")
    return facts


def test_sessions_one_after_the_other(demo):
    symbols = [*sorted(demo.symbols())[::4], "OPENX"]
    days = XNYS.between(date(2024, 4, 8), date(2024, 5, 20))
    assert compare(demo, symbols, days) > 40 * len(symbols) * 20


@pytest.mark.parametrize("seed", range(4))
def test_random_days_and_symbols_of_the_demo_market_in_any_order(demo, seed):
    chance = random.Random(seed)
    sessions = XNYS.between(date(2016, 1, 4), date(2025, 6, 30))
    days = [chance.choice(sessions) for _ in range(12)]
    days += [XNYS.next(day) for day in days[:4]] + days[:2]
    assert compare(demo, chance.sample(sorted(demo.symbols()), 4), days) > 0


def test_random_days_and_symbols_of_real_prices(real_source):
    chance = random.Random(5)
    sessions = XNYS.between(date(2018, 1, 2), date(2025, 6, 30))
    days = [chance.choice(sessions) for _ in range(6)]
    spans = [day for first in days for day in XNYS.between(first, sessions[-1])[:5]]
    splits = XNYS.between(date(2024, 6, 6), date(2024, 6, 13))
    assert compare(real_source, ("NVDA", "AAPL", "BA", "KO"), [*spans, *splits]) > 1000


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_columns_that_are_continued_equal_columns_that_are_read(demo, data):
    bars = tuple(demo.bars(Symbol("CALDR"), Interval.DAY, until=XNYS.close(date(2025, 6, 30)), count=12))
    first = data.draw(st.integers(0, 4))
    before = bar_columns(bars[first : data.draw(st.integers(first, 10))])
    start = data.draw(st.integers(0, 8))
    now = bars[start : data.draw(st.integers(start + 1, 12))]
    assert bar_columns(now, before).values.tobytes() == bar_columns(now).values.tobytes()


def test_columns_of_the_next_session_convert_one_bar(demo):
    bars = tuple(demo.bars(Symbol("CALDR"), Interval.DAY, until=XNYS.close(date(2025, 6, 30)), count=12))
    before = bar_columns(bars[:-1])
    marked = BarColumns(before.bars, before.values + 1)
    continued = bar_columns(bars[1:], marked).values - bar_columns(bars[1:]).values
    assert (continued[:, :-1] == 1).all()
    assert (continued[:, -1] == 0).all()


def test_a_derivation_is_repeated_for_other_inputs_only_and_an_error_is_not_kept():
    memo, derived = ViewMemo(), []

    def derive():
        derived.append(len(derived))
        if len(derived) == 1:
            raise NoData("not yet")
        return derived[-1]

    with pytest.raises(NoData):
        memo.derived("key", (1,), derive)
    assert [memo.derived("key", each, derive) for each in ((1,), (1,), (2,), (2,), (1,))] == [1, 1, 2, 2, 3]
    assert memo.last("key") == 3
    assert memo.last("other") is None
