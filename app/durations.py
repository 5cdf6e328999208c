"""Durations as people write them."""

import re
from datetime import timedelta

from ..domain.errors import ConfigError

_DURATION = re.compile(r"([0-9]{1,5})([a-z]*)")
_DAYS = {"d": 1, "w": 7, "y": 365}
MAX_DAYS = 36_500


def parse_duration(text: str, flag: str) -> timedelta:
    """Return the duration of `90d`, `12w` or `1y`: days, weeks, years of 365 days.

    Raises ConfigError that names `flag` for any other text. Months are refused: they have no fixed
    length, and `m` may also mean minutes.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    number, unit = (int(found[1]), found[2]) if found else (0, "")
    if found and unit in {"m", "mo", "month", "months"}:
        raise ConfigError(f"{flag} {text}: months have no fixed length; write {number * 30}d")
    if unit not in _DAYS:
        raise ConfigError(f"{flag} {text!r} is not a duration; write a number of days, weeks or years: 90d, 12w or 1y")
    days = number * _DAYS[unit]
    if not 1 <= days <= MAX_DAYS:
        raise ConfigError(f"{flag} {text}: the duration must be from 1d to {MAX_DAYS}d")
    return timedelta(days=days)
