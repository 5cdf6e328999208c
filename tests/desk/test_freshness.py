"""How much of an outcome is new."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.desk.learning.overlap import non_overlapping_share

START = datetime(2024, 1, 1, tzinfo=UTC)


def span(first, last):
    return START + timedelta(days=first), START + timedelta(days=last)


@pytest.mark.parametrize(
    ("spans", "shares"),
    [
        ([(0, 10)], [1]),
        ([(0, 10), (10, 20)], [1, 1]),
        ([(0, 10), (5, 15)], [1, 0.5]),
        ([(0, 100), (40, 50)], [1, 0]),
        ([(40, 50), (0, 100)], [1, 0.9]),
        ([(0, 10), (20, 30), (5, 25)], [1, 1, 0.5]),
        ([(0, 10), (0, 10)], [1, 0]),
        ([(3, 3)], [0]),
    ],
)
def test_a_span_counts_for_what_no_earlier_one_covers(spans, shares):
    assert non_overlapping_share(span(*each) for each in spans) == pytest.approx(shares)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=12))
def test_new_time_adds_up_to_the_time_that_is_covered(pairs):
    spans = [span(first, first + length) for first, length in pairs]
    told = sum(share * length for share, (_, length) in zip(non_overlapping_share(spans), pairs, strict=True))
    covered = {day for first, length in pairs for day in range(first, first + length)}
    assert told == pytest.approx(len(covered))
