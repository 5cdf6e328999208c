"""The wait that a server asks for before the next request."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None where there is none that can be read.

    The header holds seconds or a date (RFC 9110, section 10.2.3). A date is measured against the server's own `Date`,
    so that the result does not depend on a local clock. `headers` is read case-insensitively by lower-case names.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.replace(".", "", 1).isdecimal():
        return float(asked)
    until, now = http_date(asked), http_date(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def http_date(text: str) -> datetime | None:
    """Return a time written as in mail and HTTP headers (RFC 5322), in UTC, or None where it cannot be read."""
    try:
        timestamp = parsedate_to_datetime(text.strip())
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return (timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)).astimezone(UTC)
