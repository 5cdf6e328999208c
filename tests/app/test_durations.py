"""Durations: days, weeks and years; anything else is refused with the remedy."""

from datetime import timedelta

import pytest
from openoutcry.app.durations import parse_duration
from openoutcry.domain.errors import ConfigError


@pytest.mark.parametrize(("text", "days"), [("90d", 90), ("12w", 84), ("1y", 365), (" 7D ", 7), ("36500d", 36500)])
def test_a_number_with_a_unit_is_a_duration(text, days):
    assert parse_duration(text, "--older-than") == timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("6m", "write 180d"), ("6months", "write 180d"), ("90", "90d, 12w or 1y"), ("", "90d, 12w or 1y"),
     ("-3d", "90d, 12w or 1y"), ("1.5d", "90d"), ("3 d", "90d"), ("0d", "from 1d"), ("101y", "36500d"),
     ("9" * 30 + "d", "90d"), ("٣d", "90d"), ("2h", "90d")],
)  # fmt: skip
def test_other_texts_are_refused_with_the_flag_and_the_remedy(text, reason):
    with pytest.raises(ConfigError, match=reason) as refused:
        parse_duration(text, "--older-than")
    assert "--older-than" in str(refused.value)
