"""The one place where the clock is read."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)
