"""Timestamps of memory: integer microseconds since 1970-01-01 UTC."""

from datetime import UTC, datetime, timedelta

from ..domain.errors import InvalidData

DAY = 86_400_000_000
MAX_MICROS = 2**62
"""Later than any timestamp; `known_until` of a record that was not superseded."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(timestamp: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC; raises InvalidData for a timestamp without a time zone."""
    if timestamp.tzinfo is None:
        raise InvalidData(
            "memory", None, f"the timestamp {timestamp.isoformat()} has no time zone; add one, such as UTC"
        )
    since = timestamp - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(at: int) -> datetime:
    """Return the timezone-aware UTC datetime of `at` microseconds."""
    return _EPOCH + timedelta(microseconds=at)
