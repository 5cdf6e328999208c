"""The time that servers state in the headers of their responses."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class ServerTime:
    """Keeps the time of the last response that stated one; it runs on by a monotonic clock. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` returns seconds of a clock that is never set."""
        self._monotonic = monotonic
        self._noted: tuple[datetime, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Read `date`, and the `age` of a cached response in seconds; names are in lower case.

        Headers without a readable date are ignored.
        """
        try:
            stated = parsedate_to_datetime(headers.get("date", ""))
            age = timedelta(seconds=max(0, int(headers.get("age", "0"))))
            stated = (stated if stated.tzinfo else stated.replace(tzinfo=UTC)).astimezone(UTC)
            self._noted = (stated + age, self._monotonic())
        except (ValueError, TypeError, OverflowError):
            return

    def now(self) -> datetime | None:
        """Return the time by the last response, in UTC; None before the first."""
        if (noted := self._noted) is None:
            return None
        stated, at = noted
        return stated + timedelta(seconds=self._monotonic() - at)
