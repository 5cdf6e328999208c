"""Hourly bars of the demo market: exact parts of the daily bars, the same however they are asked for."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar, Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.demo.hours import hourly_bars
from openoutcry.market.demo.source import DemoSource, demo_market

from .conftest import EVER, EVERYTHING

XNYS = trading_calendar("XNYS")
CALDR, GONE = Symbol("CALDR"), Symbol("BRAXH")
NORMAL, HALF = date(2025, 3, 7), date(2025, 11, 28)


def is_whole(day: Bar, hours: list[Bar]) -> bool:
    """Return whether hours are possible bars, each opening at the close before, that add up to the day."""
    prices = [(hour.low, min(hour.open, hour.close), max(hour.open, hour.close), hour.high) for hour in hours]
    return (
        all(low <= least and most <= high for low, least, most, high in prices)
        and all(before.close == after.open for before, after in pairwise(hours))
        and all(hour.volume == int(hour.volume) >= 0 for hour in hours)
        and (hours[0].open, hours[-1].close) == (day.open, day.close)
        and (max(hour.high for hour in hours), min(hour.low for hour in hours)) == (day.high, day.low)
        and sum(hour.volume for hour in hours) == day.volume
    )


CENTS = st.integers(1, 10**7)


@given(
    prices=st.lists(CENTS, min_size=4, max_size=4),
    volume=st.integers(0, 10**12),
    seed=st.integers(0, 10**6),
    day=st.sampled_from([NORMAL, HALF]),
)
def test_hours_of_any_day_aggregate_exactly_to_it(prices, volume, seed, day) -> None:
    low, opened, closed, high = (Decimal(cents).scaleb(-2) for cents in sorted(prices))
    for first, last in ((opened, closed), (closed, opened), (low, high), (high, low)):
        bar = Bar(CALDR, day, XNYS.open(day), XNYS.close(day), first, high, low, last, Decimal(volume))
        hours = hourly_bars(bar, XNYS.close(day), seed)
        assert len(hours) == (7 if day == NORMAL else 4)
        assert is_whole(bar, list(hours))


@pytest.mark.parametrize("symbol", [CALDR, GONE])
def test_every_session_of_the_market_has_its_hours(market: DemoSource, symbol: Symbol) -> None:
    days = market.bars(symbol, Interval.DAY, until=EVER, count=300)
    by_day = defaultdict(list)
    for hour in market.bars(symbol, Interval.HOUR, until=EVER, count=300 * 7):
        by_day[hour.session].append(hour)
    for day in days[10:]:
        close, hours = XNYS.close(day.session), by_day[day.session]
        starts = [day.start + number * timedelta(hours=1) for number in range(7)]
        assert [hour.start for hour in hours] == [start for start in starts if start < close]
        assert [hour.known_at for hour in hours] == [min(hour.start + timedelta(hours=1), close) for hour in hours]
        assert is_whole(day, hours)


def test_hours_of_a_session_are_known_one_after_another(market: DemoSource) -> None:
    moment = datetime(2025, 3, 7, 17, 29, 59, tzinfo=UTC)
    (before, last) = market.bars(CALDR, Interval.HOUR, until=moment, count=2)
    assert (before.start.hour, last.start.hour, last.known_at.hour) == (14, 15, 16)
    earlier = market.bars(CALDR, Interval.HOUR, until=moment, count=11)
    assert [bar.session.day for bar in earlier] == [5] * 2 + [6] * 7 + [7] * 2
    assert market.bars(CALDR, Interval.HOUR, until=datetime(2016, 1, 4, 14, tzinfo=UTC), count=9) == ()
    assert market.bars(CALDR, Interval.HOUR, until=EVER, count=0) == ()


def test_hours_depend_on_seed_and_session_and_not_on_the_end_of_the_market_or_on_what_was_read_before(market) -> None:
    until = XNYS.close(NORMAL)
    hours = market.bars(CALDR, Interval.HOUR, until=until, count=14)
    assert demo_market(last=NORMAL).bars(CALDR, Interval.HOUR, until=until, count=14) == hours
    other = market.bars(GONE, Interval.HOUR, until=until, count=7)
    assert [hour.volume for hour in other] != [hour.volume for hour in hours[7:]]
    (day,) = market.bars(CALDR, Interval.DAY, until=until, count=1)
    assert hourly_bars(day, until, 8) != hours[7:]
    assert hourly_bars(day, until, 7) == tuple(hours[7:])


def test_reading_days_generates_no_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("openoutcry.market.demo.source.hourly_bars", lambda day, *_: made.append(day.session) or ())
    source = demo_market(last=date(2016, 6, 30))
    source.bars(CALDR, Interval.DAY, until=EVER, count=EVERYTHING)
    assert not made
    source.bars(CALDR, Interval.HOUR, until=EVER, count=1)
    assert made[0] == date(2016, 6, 30)
