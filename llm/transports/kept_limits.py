"""Whether replies stay within their reservations, under a budget in tokens or money."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from threading import Lock

from ..capability_store import CapabilityStore
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion, TokenUsage
from ..messages import CUT_OFF
from ..scope import current_scope
from .errors import EndpointOutage
from .failures import AttemptFailed
from .limiter import RateLimits, RequestLimiter
from .negotiated import Downgrade, DowngradeObserver, ignore_downgrade

LIMIT_IGNORED = "limit_ignored"
ESTIMATE_FACTOR = 2
"""An estimated number of tokens shows that a limit was ignored only beyond this multiple of it."""


class AnswerLimits:
    """Models of one endpoint that have kept, or ignored, the limit on the length of an answer.

    It can be shared by several transports, event loops and threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept, self._ignored = set[str](), set[str]()
        self._turns: dict[str, RequestLimiter] = {}
        self._outages: dict[str, EndpointOutage] = {}

    def is_kept(self, model: str) -> bool:
        """Return whether the last replies of `model` showed that it keeps the limit."""
        return model in self._kept

    def is_ignored(self, model: str) -> bool:
        """Return whether an answer of `model` was longer than its limit."""
        return model in self._ignored

    def mark_kept(self, model: str, kept: bool) -> None:
        """Store whether the last reply of `model` shows that it keeps the limit."""
        with self._lock:
            (self._kept.add if kept and model not in self._ignored else self._kept.discard)(model)

    def mark_ignored(self, model: str) -> None:
        """Store that an answer of `model` was longer than its limit."""
        with self._lock:
            self._kept.discard(model)
            self._ignored.add(model)

    def last_outage(self, model: str) -> EndpointOutage | None:
        """Return the last outage that a request of `model` met in its turn."""
        return self._outages.get(model)

    def mark_outage(self, model: str, outage: EndpointOutage) -> None:
        """Store an outage that a request of `model` met in its turn."""
        with self._lock:
            self._outages[model] = outage

    @asynccontextmanager
    async def turn(self, model: str) -> AsyncIterator[None]:
        """Wait until no other block of `model` is running; symbols take turns."""
        with self._lock:
            turns = self._turns.setdefault(model, RequestLimiter(RateLimits(max_parallel=1)))
        async with turns.admitted(current_scope().symbol, 0):
            yield


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """The limits of the models of one endpoint, as far as replies have shown them.

    Attributes:
        endpoint: its base URL without secrets.
        store: learned capabilities.
        shared: what replies have shown in this process.
        observer: receives the missing capability.
    """

    endpoint: str
    store: CapabilityStore
    shared: AnswerLimits = field(default_factory=AnswerLimits)
    observer: DowngradeObserver = ignore_downgrade

    def current(self, request: ChatRequest) -> ChatRequest:
        """Return `request` without the capability if another one has found that the limit is ignored."""
        if not self.shared.is_ignored(request.model):
            return request
        return replace(request, capabilities=replace(request.capabilities, keeps_limits=False))

    def refuse(self, request: ChatRequest, excess: str) -> None:
        """Store that the model of `request` ignores the limit, and notify the observer."""
        self.shared.mark_ignored(request.model)
        known = self.store.get(self.endpoint, request.model)
        self.store.learn(self.endpoint, request.model, replace(known, keeps_limits=False))
        self.observer(Downgrade(request.role, request.model, self.endpoint, LIMIT_IGNORED, excess))


class KeptLimitsTransport(WrappingTransport):
    """Sends bounded requests to a model one at a time until a reply has shown that it keeps the limit.

    So one reply at most exceeds its reservation before it is found; see MeasuredTransport. Waiting requests are sent
    together as soon as the limit is known to be kept, and one after another if the request before them failed. If
    `has_fallback`, an outage ends all requests that waited for it: another endpoint answers them, and each of them
    would otherwise meet the outage in its turn.
    """

    def __init__(self, inner: ChatTransport, limits: EndpointLimits, *, has_fallback: bool = False) -> None:
        super().__init__(inner)
        self._limits, self._has_fallback = limits, has_fallback

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the inner transport; raises as it does."""
        shared = self._limits.shared
        if request.bounded and not shared.is_kept(request.model):
            before = shared.last_outage(request.model)
            async with shared.turn(request.model):
                if not shared.is_kept(request.model):
                    return await self._in_turn(request, before)
        return await self._inner.complete(request)

    async def _in_turn(self, request: ChatRequest, before: EndpointOutage | None) -> Completion:
        """Send the request, unless there was an outage after `before`; raises EndpointOutage, and as `complete`."""
        shared = self._limits.shared
        last = shared.last_outage(request.model)
        if self._has_fallback and last is not None and last is not before:
            raise EndpointOutage(str(last))
        try:
            return await self._inner.complete(request)
        except EndpointOutage as outage:
            shared.mark_outage(request.model, EndpointOutage(str(outage)))  # without the frames of the request
            raise


class MeasuredTransport(WrappingTransport):
    """Compares the tokens of each attempt at a bounded request with its reservation.

    A longer answer than allowed is stored as a missing capability of the model at the endpoint; every later bounded
    request is refused, see BudgetTransport. A failed attempt with such an answer is not repeated.
    """

    def __init__(self, inner: ChatTransport, limits: EndpointLimits) -> None:
        super().__init__(inner)
        self._limits = limits

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the inner transport; raises as it does."""
        if not request.bounded:
            return await self._inner.complete(request)
        try:
            completion = await self._inner.complete(self._limits.current(request))
        except AttemptFailed as error:
            if excess := _excess(request, error.failure.lost):
                self._limits.refuse(request, excess)
                raise AttemptFailed(replace(error.failure, transient=False)) from None
            raise
        return self._checked(request, completion)

    def _checked(self, request: ChatRequest, completion: Completion) -> Completion:
        """Store what the completion shows, and name an ignored limit in its notes."""
        if not (excess := _excess(request, completion.tokens)):
            self._limits.shared.mark_kept(request.model, self._shows_limit(request, completion))
            return completion
        self._limits.refuse(request, excess)
        place = f"model {request.model} at {self._limits.endpoint}"
        note = f"{place}: ignores the limit on the length of an answer ({excess})"
        return replace(completion, notes=(*completion.notes, note))

    def _shows_limit(self, request: ChatRequest, completion: Completion) -> bool:
        """Return whether later requests may be sent in parallel.

        A streamed answer is cut off at its limit, so only tokens that are not in the stream can exceed it; a stream
        that was cut off does not report them. An answer in one piece shows it by ending at its limit.
        """
        used, most = completion.tokens, request.presumed_tokens
        if used.completion > most.completion or used.prompt + used.completion > most.prompt + most.completion:
            return False
        if self._limits.shared.is_kept(request.model):
            return True
        at_limit = completion.message.finish == CUT_OFF
        return not (at_limit and used.estimated) if completion.streamed else at_limit and not used.estimated


def _excess(request: ChatRequest, used: TokenUsage) -> str:
    """Return in words by how much an answer was longer than allowed; empty if it was not."""
    limit = request.presumed_tokens.completion
    if used.completion <= limit * (ESTIMATE_FACTOR if used.estimated else 1):
        return ""
    return f"an answer of {used.completion} tokens at a limit of {limit}"
