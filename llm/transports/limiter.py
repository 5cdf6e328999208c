"""Limits of concurrent requests, requests per minute and tokens per minute, shared by all agents of a process."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import RLock
from time import monotonic

from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import CHARACTERS_PER_TOKEN, Completion
from ..scope import current_scope

WINDOW_S = 60.0
EXPECTED_ANSWER_TOKENS = 600
"""Reserved for an answer until its tokens are reported."""

Schedule = Callable[[asyncio.AbstractEventLoop, float, Callable[[], None]], None]
"""Calls the callback on an event loop after the given seconds."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Maximum concurrent requests, and requests and tokens in any 60 seconds; None for no limit."""

    max_parallel: int | None = 8
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(slots=True)
class _Admission:
    """A request admitted at `at`; `tokens` are the reserved ones, replaced by the reported ones later."""

    at: float
    tokens: int


@dataclass(slots=True)
class _Waiter:
    tokens: int
    loop: asyncio.AbstractEventLoop
    admitted: "asyncio.Future[_Admission]"
    admission: _Admission | None = None

    def admit(self, admission: _Admission) -> None:
        self.admission = admission
        self.loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if not self.admitted.done() and self.admission is not None:
            self.admitted.set_result(self.admission)


def call_later(loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], None]) -> None:
    """Call `callback` on `loop` after `seconds`; may be called from any thread."""
    loop.call_soon_threadsafe(lambda: loop.call_later(seconds, callback))


@dataclass(slots=True)
class RequestLimiter:
    """Admits requests within `limits`. Waiting groups are served round-robin, each in order of arrival.

    One limiter can be used by several event loops and threads.
    """

    limits: RateLimits
    timer: Callable[[], float] = monotonic
    schedule: Schedule = call_later
    _lock: RLock = field(default_factory=RLock)
    _queues: "OrderedDict[str, deque[_Waiter]]" = field(default_factory=OrderedDict)
    _recent: deque[_Admission] = field(default_factory=deque)
    _running: int = 0

    @asynccontextmanager
    async def admitted(self, group: str, tokens: int) -> AsyncIterator[_Admission]:
        """Wait until a request of about `tokens` is admitted, and count it as running during the block."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(tokens, loop, loop.create_future())
        with self._lock:
            self._queues.setdefault(group, deque()).append(waiter)
            self._admit_next()
        try:
            yield await waiter.admitted
        finally:
            with self._lock:
                self._leave(group, waiter)
                self._admit_next()

    def _leave(self, group: str, waiter: _Waiter) -> None:
        if waiter.admission is not None:
            self._running -= 1
        elif (queue := self._queues.get(group)) is not None:
            queue.remove(waiter)
            if not queue:
                del self._queues[group]

    def _admit_next(self) -> None:
        with self._lock:
            while self._queues and not self._is_full():
                group, queue = next(iter(self._queues.items()))
                delay = self._delay(queue[0].tokens)
                if delay > 0:
                    self.schedule(queue[0].loop, delay, self._admit_next)
                    return
                waiter = queue.popleft()
                del self._queues[group]
                if queue:
                    self._queues[group] = queue  # behind the other groups
                self._running += 1
                self._recent.append(_Admission(self.timer(), waiter.tokens))
                waiter.admit(self._recent[-1])

    def _is_full(self) -> bool:
        return self.limits.max_parallel is not None and self._running >= self.limits.max_parallel

    def _delay(self, tokens: int) -> float:
        """Return the seconds until `tokens` fit into the window; above the limit, until the window is empty."""
        now = self.timer()
        while self._recent and self._recent[0].at <= now - WINDOW_S:
            self._recent.popleft()
        requests, most = len(self._recent), self.limits.requests_per_minute
        if most is None and self.limits.tokens_per_minute is None:
            return 0.0
        used, cap = sum(admission.tokens for admission in self._recent), self.limits.tokens_per_minute
        for admission in self._recent:
            if (most is None or requests < most) and (cap is None or used + tokens <= cap):
                return max(0.0, self._free_at(requests) - now)
            requests, used = requests - 1, used - admission.tokens
        return max(0.0, self._free_at(requests) - now)

    def _free_at(self, remaining: int) -> float:
        """Return the time at which only the last `remaining` admissions are left in the window."""
        gone = len(self._recent) - remaining
        return self._recent[gone - 1].at + WINDOW_S if gone else float("-inf")


class LimitedTransport(WrappingTransport):
    """Sends requests when the limiter admits them. It wraps single attempts, so every retry is counted too.

    A failed attempt keeps its expected tokens in the window, because endpoints count them as well.
    """

    def __init__(self, inner: ChatTransport, limiter: RequestLimiter) -> None:
        super().__init__(inner)
        self._limiter = limiter

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises as the inner transport does."""
        expected = request.characters // CHARACTERS_PER_TOKEN + EXPECTED_ANSWER_TOKENS
        async with self._limiter.admitted(current_scope().symbol, expected) as admission:
            completion = await self._inner.complete(request)
            used = completion.tokens + completion.lost
            admission.tokens = used.prompt + used.completion
            return completion
