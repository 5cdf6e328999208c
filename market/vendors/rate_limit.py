"""Rate limiting of requests per host, shared by all threads of one client."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock


class RateLimiter:
    """Spaces the requests to each host evenly. `now` and `sleep` are the injected clock."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._lock = Lock()
        self._free: dict[str, datetime] = {}

    def wait(self, host: str, per_second: float) -> None:
        """Reserve the next free time slot of `host` at a rate of `per_second`, and sleep until it begins."""
        gap = timedelta(seconds=1 / per_second)
        with self._lock:
            now = self._now()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + gap
        if turn > now:
            self._sleep((turn - now).total_seconds())
