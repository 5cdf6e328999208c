"""The time that servers state: it runs on by a monotonic clock, whatever the clock of the machine shows."""

from datetime import UTC, datetime, timedelta

import pytest
from openoutcry.market.vendors.server_time import ServerTime

STATED = datetime(2025, 3, 5, 20, 15, tzinfo=UTC)
DATE = "Wed, 05 Mar 2025 20:15:00 GMT"


def test_it_runs_on_by_the_monotonic_clock():
    seconds = [100.0]
    time = ServerTime(lambda: seconds[0])
    assert time.now() is None
    time.note({"date": DATE})
    seconds[0] += 90
    assert time.now() == STATED + timedelta(seconds=90)
    time.note({"date": DATE, "age": "600"})
    assert time.now() == STATED + timedelta(seconds=600)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}, {"date": DATE, "age": "old"}])
def test_headers_without_a_readable_date_change_nothing(headers):
    time = ServerTime(lambda: 0.0)
    time.note(headers)
    assert time.now() is None
    time.note({"date": DATE})
    time.note(headers)
    assert time.now() == STATED
