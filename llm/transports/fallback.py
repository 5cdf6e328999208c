"""Fallback to the next endpoint after an outage, with a circuit breaker per endpoint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ...domain.errors import ModelUnavailable
from ..chat import ChatRequest, ChatTransport
from ..completion import NO_TOKENS, Completion, TokenUsage
from ..events import CallObserver, EndpointSwitched, ignore_event
from .errors import EndpointOutage


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """An endpoint is skipped for `cooldown_s` seconds after `failures` consecutive outages."""

    failures: int = 3
    cooldown_s: float = 60.0


class CircuitBreaker:
    """Closed: requests pass. Open: requests are blocked. After the cooldown one probe request closes or reopens it."""

    def __init__(self, policy: BreakerPolicy, timer: Callable[[], float]) -> None:
        self._policy, self._timer = policy, timer
        self._failures, self._opened_at, self._probing = 0, 0.0, False

    @property
    def is_open(self) -> bool:
        return self._failures >= self._policy.failures

    def try_acquire(self) -> bool:
        """Return whether a request may pass now; a probe blocks other requests until it ends."""
        if not self.is_open:
            return True
        if self._probing or self._timer() - self._opened_at < self._policy.cooldown_s:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """Close the breaker."""
        self._failures, self._probing = 0, False

    def failed(self) -> None:
        """Count an outage; the breaker opens, or stays open, after enough consecutive outages."""
        self._failures, self._opened_at, self._probing = self._failures + 1, self._timer(), False

    def abandoned(self) -> None:
        """Allow another probe, because the last request ended without showing whether the endpoint works."""
        self._probing = False


@dataclass(frozen=True, slots=True)
class FallbackEndpoint:
    """An endpoint in the order of preference.

    Attributes:
        name: its address and, if given, its model; used in notes and events.
        transport: sends requests to it.
        model: the model to request there; None for the model of the request.
    """

    name: str
    transport: ChatTransport
    model: str | None = None


class FallbackTransport:
    """Completes a request at the first available endpoint.

    Only outages cause a fallback: unreachable, timed out, overloaded, out of credit. Rejected requests and invalid
    answers do not.
    """

    def __init__(
        self,
        endpoints: Sequence[FallbackEndpoint],
        policy: BreakerPolicy = BreakerPolicy(),
        *,
        events: CallObserver = ignore_event,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._endpoints = [(endpoint, CircuitBreaker(policy, timer)) for endpoint in endpoints]
        self._events = events

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion from the first available endpoint.

        Raises:
            EndpointOutage: all endpoints are unavailable; it has the last failure, or the skipped endpoints.
            ModelError: another error of the endpoint that was used.
        """
        outage: EndpointOutage | None = None
        failed, lost = "", NO_TOKENS
        for endpoint, breaker in self._endpoints:
            if not breaker.try_acquire():
                continue
            if outage is not None:
                self._events(EndpointSwitched(request.role, failed, endpoint.name, str(outage)))
            try:
                return self._noted(await self._completed(endpoint, breaker, request), endpoint, lost)
            except EndpointOutage as error:
                outage, failed, lost = error, endpoint.name, lost + error.lost
        raise self._all_down(outage, lost)

    async def open(self) -> None:
        """Prepare the connections of the first endpoint only; the others are rarely needed."""
        for endpoint, _ in self._endpoints[:1]:
            await endpoint.transport.open()

    async def aclose(self) -> None:
        """Close the connections of all endpoints."""
        for endpoint, _ in self._endpoints:
            await endpoint.transport.aclose()

    async def _completed(self, endpoint: FallbackEndpoint, breaker: CircuitBreaker, request: ChatRequest) -> Completion:
        try:
            completion = await endpoint.transport.complete(replace(request, model=endpoint.model or request.model))
        except EndpointOutage:
            breaker.failed()
            raise
        except ModelUnavailable:
            breaker.succeeded()  # it replied, although with a rejection
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return completion

    def _noted(self, completion: Completion, endpoint: FallbackEndpoint, lost: TokenUsage) -> Completion:
        first, _ = self._endpoints[0]
        notes = () if endpoint is first else (f"{endpoint.name} answered in place of {first.name}, which was down",)
        return replace(completion, lost=completion.lost + lost, notes=completion.notes + notes)

    def _all_down(self, outage: EndpointOutage | None, lost: TokenUsage) -> EndpointOutage:
        if outage is None:
            names = ", ".join(endpoint.name for endpoint, _ in self._endpoints)
            return EndpointOutage(f"{names}: skipped after repeated outages; wait, then resume the run")
        return EndpointOutage(str(outage), lost)
