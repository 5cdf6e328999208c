"""The calendar: half days, weekends, holidays and both ends of a range."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.sessions import calendar

XNYS = calendar("XNYS")


def test_closes_follow_summer_time_and_half_days():
    assert XNYS.close(date(2025, 3, 3)) == datetime(2025, 3, 3, 21, tzinfo=UTC)
    assert XNYS.close(date(2025, 7, 7)) == datetime(2025, 7, 7, 20, tzinfo=UTC)
    assert XNYS.close(date(2024, 11, 29)) == datetime(2024, 11, 29, 18, tzinfo=UTC)


def test_a_day_without_a_session_is_told_the_one_before_it():
    assert not XNYS.is_session(date(2025, 1, 9))
    with pytest.raises(ConfigError, match="2025-01-08"):
        XNYS.close(date(2025, 1, 9))
    with pytest.raises(ConfigError, match="no exchange calendar"):
        calendar("MARS")


def test_neighbours_and_ranges():
    assert XNYS.next(date(2025, 2, 28)) == date(2025, 3, 3)
    assert XNYS.previous(date(2025, 3, 3)) == date(2025, 2, 28)
    assert XNYS.between(date(2025, 3, 1), date(2025, 3, 4)) == (date(2025, 3, 3), date(2025, 3, 4))
    assert calendar("24/7").next(date(2025, 3, 1)) == date(2025, 3, 2)


@given(st.integers(0, 30 * 365 * 24 * 60))
def test_the_last_completed_session_is_complete_and_the_next_one_is_not(minutes):
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = XNYS.last_completed(moment)
    assert XNYS.close(day) <= moment < XNYS.close(XNYS.next(day))
    assert XNYS.close(day) - XNYS.open(day) > timedelta(hours=2)
