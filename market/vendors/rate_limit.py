"""Spacing of requests, host by host, shared by every thread that uses one client."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock


class RateLimiter:
    """Hands out moments at which a host may be asked, evenly spaced. `now` and `sleep` are given, never read here."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._lock = Lock()
        self._free: dict[str, datetime] = {}

    def wait(self, host: str, per_second: float) -> None:
        """Sleep until `host` may be asked, and take that moment, so that the next caller waits for a later one."""
        gap = timedelta(seconds=1 / per_second)
        with self._lock:
            now = self._now()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + gap
        if turn > now:
            self._sleep((turn - now).total_seconds())
