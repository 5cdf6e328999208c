"""Times as text."""

from datetime import UTC, datetime


def iso_time(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC with `Z`; every --as-of accepts it."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
