"""Time as memory keeps it: whole microseconds since 1970 in UTC, which sort, subtract and fit a column of integers."""

from datetime import UTC, datetime, timedelta

from ..domain.errors import InvalidData

DAY = 86_400_000_000
MAX_MICROS = 2**62
"""Later than any moment: a record that nothing has replaced is known until then."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(timestamp: datetime) -> int:
    """Return microseconds since 1970; raises InvalidData for a moment without a zone."""
    if timestamp.tzinfo is None:
        raise InvalidData("memory", None, f"the moment {timestamp.isoformat()} has no zone; give it one, such as UTC")
    since = timestamp - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(at: int) -> datetime:
    """Return the aware UTC moment that `at` counts to."""
    return _EPOCH + timedelta(microseconds=at)
