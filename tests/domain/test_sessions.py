"""The calendar: half days, weekends, holidays and both ends of a range."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain import schedule
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.trading_calendar import library_calendar, trading_calendar

XNYS = trading_calendar("XNYS")


def test_closes_follow_summer_time_and_half_days():
    assert XNYS.close(date(2025, 3, 3)) == datetime(2025, 3, 3, 21, tzinfo=UTC)
    assert XNYS.close(date(2025, 7, 7)) == datetime(2025, 7, 7, 20, tzinfo=UTC)
    assert XNYS.close(date(2024, 11, 29)) == datetime(2024, 11, 29, 18, tzinfo=UTC)


def test_a_day_without_a_session_is_told_the_one_before_it():
    assert not XNYS.is_session(date(2025, 1, 9))
    with pytest.raises(ConfigError, match="2025-01-08"):
        XNYS.close(date(2025, 1, 9))
    with pytest.raises(ConfigError, match="no exchange calendar"):
        trading_calendar("MARS")


def test_neighbours_and_ranges():
    assert XNYS.next(date(2025, 2, 28)) == date(2025, 3, 3)
    assert XNYS.previous(date(2025, 3, 3)) == date(2025, 2, 28)
    assert XNYS.between(date(2025, 3, 1), date(2025, 3, 4)) == (date(2025, 3, 3), date(2025, 3, 4))
    assert trading_calendar("24/7").next(date(2025, 3, 1)) == date(2025, 3, 2)


@given(st.integers(0, 30 * 365 * 24 * 60))
def test_the_last_completed_session_is_complete_and_the_next_one_is_not(minutes):
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = XNYS.last_completed(moment)
    assert XNYS.close(day) <= moment < XNYS.close(XNYS.next(day))
    assert XNYS.close(day) - XNYS.open(day) > timedelta(hours=2)


@pytest.mark.parametrize("name", ["XNYS", "24/7"])
def test_what_opens_without_the_library_is_what_the_library_has(name):
    assert trading_calendar(name) == library_calendar(name)


def test_a_schedule_of_another_version_of_the_library_is_not_used(tmp_path, monkeypatch):
    written = json.loads(schedule.SHIPPED.read_text(encoding="utf-8"))
    assert schedule.shipped_sessions("XNYS")
    assert schedule.shipped_sessions("XTKS") is None
    other = tmp_path / "schedules.json"
    other.write_text(json.dumps(written | {"version": "0.0.1"}), encoding="utf-8")
    monkeypatch.setattr(schedule, "SHIPPED", other)
    assert schedule.shipped_sessions("XNYS") is None
