"""News that are generated in blocks of sessions: any window holds exactly the items of the whole history in it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.market.demo import demo_market
from openoutcry.market.demo.newswire import CompanyNews

BEGINNING, END = datetime(2015, 12, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
MARKET = demo_market(seed=7, last=date(2025, 6, 30))
BEATS = {symbol: MARKET._shelves[symbol].beat for symbol in ("CALDR", "GRUND", "VEXIL")}
WHOLE = {symbol: tuple(MARKET.news(symbol, since=BEGINNING, until=END)) for symbol in BEATS}


@settings(deadline=None, max_examples=40)
@given(symbol=st.sampled_from(sorted(WHOLE)), place=st.floats(0, 1), length=st.integers(0, 400_000))
def test_a_window_holds_the_items_of_the_whole_history_in_it(symbol, place, length):
    since = BEGINNING + place * (END - BEGINNING)
    until = since + timedelta(minutes=length)
    expected = tuple(item for item in WHOLE[symbol] if since < item.known_at <= until)
    assert tuple(CompanyNews(BEATS[symbol]).between(since, until)) == expected


@pytest.mark.parametrize("symbol", sorted(WHOLE))
def test_an_item_at_the_beginning_of_a_window_is_left_out_and_one_at_its_end_is_not(symbol):
    for before, item in zip(WHOLE[symbol][:-1:50], WHOLE[symbol][1::50], strict=False):
        found = tuple(MARKET.news(symbol, since=before.known_at, until=item.known_at))
        assert item in found
        assert before not in found
