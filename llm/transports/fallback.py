"""The next endpoint after an outage, with a circuit breaker for each endpoint."""

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
    """When an endpoint is left alone: after `failures` outages in a row, for `cooldown_s` seconds."""

    failures: int = 3
    cooldown_s: float = 60.0


class CircuitBreaker:
    """Closed: requests pass. Open: none passes. After the cooldown one request probes, and closes or reopens it."""

    def __init__(self, policy: BreakerPolicy, timer: Callable[[], float]) -> None:
        self._policy, self._timer = policy, timer
        self._failures, self._opened_at, self._probing = 0, 0.0, False

    @property
    def is_open(self) -> bool:
        return self._failures >= self._policy.failures

    def try_acquire(self) -> bool:
        """Return whether a request may pass now; where it is the probe, no other may until it ends."""
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
        """Count an outage; the breaker opens, or stays open, once there are enough in a row."""
        self._failures, self._opened_at, self._probing = self._failures + 1, self._timer(), False

    def abandoned(self) -> None:
        """Let another request probe: the last one ended without showing whether the endpoint works."""
        self._probing = False


@dataclass(frozen=True, slots=True)
class FallbackEndpoint:
    """An endpoint in the order of preference.

    Attributes:
        name: its address and, where given, its model; shown in notes and events.
        transport: sends requests to it.
        model: the model to request there; None for the one that was asked for.
    """

    name: str
    transport: ChatTransport
    model: str | None = None


class FallbackTransport:
    """Completes a request at the first endpoint that is up.

    Only outages move a request on: unreachable, timed out, overloaded, out of credit. A rejected request and an
    unusable answer stay with the endpoint that gave them.
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
        """Return the completion from the first endpoint that is up.

        Raises:
            EndpointOutage: all endpoints are down; it names the last failure and how many are left alone.
            ModelError: another error of the endpoint that was asked.
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
        """Prepare the connections of the first endpoint; the others are rarely needed."""
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
            breaker.succeeded()  # it answered, if only with a rejection
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return completion

    def _noted(self, completion: Completion, endpoint: FallbackEndpoint, lost: TokenUsage) -> Completion:
        first, _ = self._endpoints[0]
        said = () if endpoint is first else (f"{endpoint.name} answered in place of {first.name}, which was down",)
        return replace(completion, lost=completion.lost + lost, notes=completion.notes + said)

    def _all_down(self, outage: EndpointOutage | None, lost: TokenUsage) -> EndpointOutage:
        if outage is None:
            names = ", ".join(endpoint.name for endpoint, _ in self._endpoints)
            return EndpointOutage(f"{names}: not asked after repeated outages; wait, then resume the run")
        return EndpointOutage(str(outage), lost)
