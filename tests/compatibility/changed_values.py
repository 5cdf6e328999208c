"""Checks of the values of expected changes: how a recorded value may differ from the one that is found."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .differences import ABSENT, Fits


def added(value: object) -> Fits:
    """Accept a value that was not recorded."""
    return lambda recorded, found: recorded == ABSENT and found == value and type(found) is type(value)


def becomes(before: object, after: object) -> Fits:
    """Accept one value in place of another."""
    return lambda recorded, found: (recorded, found) == (before, after)


def is_new(recorded: Any, _found: Any) -> bool:
    """Accept any value that was not recorded."""
    return bool(recorded == ABSENT)


def is_gone(_recorded: Any, found: Any) -> bool:
    """Accept that a recorded value does not exist."""
    return bool(found == ABSENT)


def starts_with(*prefixes: str) -> Fits:
    """Accept a text in place of a text, both of which start with one of the prefixes."""
    return lambda recorded, found: str(recorded).startswith(prefixes) and str(found).startswith(prefixes)


def adds_text(prefix: str) -> Fits:
    """Accept a text that was not recorded and starts with `prefix`."""
    return lambda recorded, found: bool(recorded == ABSENT) and str(found).startswith(prefix)


def within(most: str) -> Fits:
    """Accept numbers that differ by at most `most`."""

    def fits(recorded: Any, found: Any) -> bool:
        try:
            return abs(Decimal(str(recorded)) - Decimal(str(found))) <= Decimal(most)
        except InvalidOperation:
            return False

    return fits


def matches(pattern: str) -> Fits:
    """Accept a text in place of a text, both of which match `pattern` as a whole."""
    return lambda recorded, found: all(re.fullmatch(pattern, str(each)) for each in (recorded, found))


def same_time(recorded: Any, found: Any) -> bool:
    """Accept an ISO 8601 time in UTC in place of the same time without a zone, to the minute or the second."""
    time = datetime.fromisoformat(found)
    return not time.utcoffset() and recorded == f"{time:%Y-%m-%d %H:%M:%S}"[: len(recorded)]


def scores_not_counted(recorded: Any, found: Any) -> bool:
    """Accept `n/a` in place of scores of 0, and a conviction of 0 without a minus sign."""
    counted = re.sub(r" n/a(?=[,;])", " +0.00", found)
    return bool(counted == recorded.replace("conviction -0.00", "conviction +0.00"))


def without_news(recorded: Any, found: Any) -> bool:
    """Accept a summary in which news is absent in place of one with a score of 0, beside `scores_not_counted`."""
    absent = "Absent, and counted against: fundamentals"
    before = recorded.replace(" news +0.00,", "").replace(f"{absent}.", f"{absent}, news.")
    return scores_not_counted(before, found)
