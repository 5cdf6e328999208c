"""A clock that is ahead of the vendors' time: the bar of a session that is still open is not archived."""

from datetime import timedelta

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from vendors.in_memory_vendor import bar

from .conftest import FRIDAY, Market, close_of, flat

AAA = Symbol("AAA")


def last_close(market: Market) -> str:
    bars = market.source().bars(AAA, Interval.DAY, until=market.clock.now(), count=1)
    return f"{bars[-1].session} {bars[-1].close}"


def test_a_bar_of_a_session_that_is_open_by_the_vendors_time_is_not_archived(market: Market) -> None:
    vendor = market.vendor("one", flat("AAA"))
    market.stated = close_of(FRIDAY) - timedelta(hours=3)
    assert last_close(market) == "2025-06-26 10"
    vendor.rows = []
    vendor.give([*flat("AAA")[:-1], bar("AAA", FRIDAY, 11)])
    market.stated = close_of(FRIDAY) + timedelta(hours=4)
    market.at(market.clock.now() + timedelta(hours=3))
    assert last_close(market) == f"{FRIDAY} 11"


@pytest.mark.parametrize("behind", [timedelta(minutes=61), timedelta(0)])
def test_a_difference_of_some_seconds_and_a_clock_that_is_behind_change_nothing(
    market: Market, behind: timedelta
) -> None:
    market.vendor("one", flat("AAA"))
    market.stated = market.clock.now() - timedelta(seconds=30) + behind
    assert last_close(market) == f"{FRIDAY} 10"
