"""Capability negotiation: rejections reduce the capabilities, which are stored for later requests."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..capabilities import Capabilities
from ..capability_store import CapabilityStore
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion
from ..request_body import compromises, request_body
from .errors import RequestRejected


@dataclass(frozen=True, slots=True)
class Downgrade:
    """A feature that a model at an endpoint rejected, with the role of the request and the endpoint's error text."""

    role: str
    model: str
    endpoint: str
    effect: str
    complaint: str


DowngradeObserver = Callable[[Downgrade], None]


def ignore_downgrade(_: Downgrade) -> None:
    """Discard a downgrade."""


class NegotiatedTransport(WrappingTransport):
    """Repeats a rejected request without the feature that the endpoint rejects.

    Learned capabilities are kept by base URL and model in `store`. A completion has a note for every omitted feature.

    Args:
        inner: sends requests to one endpoint.
        endpoint: its base URL without secrets.
        store: learned capabilities.
        observer: receives each downgrade.
    """

    def __init__(
        self,
        inner: ChatTransport,
        endpoint: str,
        store: CapabilityStore,
        observer: DowngradeObserver = ignore_downgrade,
    ) -> None:
        super().__init__(inner)
        self._endpoint, self._store, self._observer = endpoint, store, observer

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request` with the best capabilities that the endpoint accepts.

        Raises:
            RequestRejected: for a reason that reduced capabilities do not remove.
            ModelError: as the inner transport raises it.
        """
        while True:
            asked = replace(request, capabilities=self._store.get(self._endpoint, request.model))
            try:
                completion = await self._inner.complete(asked)
            except RequestRejected as rejection:
                remaining = self._remaining(asked, rejection)
                if remaining is None:
                    raise
                self._learn(asked, remaining, rejection)
                continue
            notes = tuple(f"model {request.model} at {self._endpoint}: {text}" for text in compromises(asked))
            return replace(completion, notes=completion.notes + notes)

    def _remaining(self, asked: ChatRequest, rejection: RequestRejected) -> Capabilities | None:
        """Return the capabilities for the next attempt; None if they would not change the request."""
        if rejection.effect is None:
            return None
        remaining = asked.capabilities.downgrade(rejection.effect)
        weaker = replace(asked, capabilities=remaining)
        return None if request_body(weaker) == request_body(asked) else remaining

    def _learn(self, asked: ChatRequest, remaining: Capabilities, rejection: RequestRejected) -> None:
        self._store.learn(self._endpoint, asked.model, remaining)
        effect = rejection.effect.value if rejection.effect else ""
        self._observer(Downgrade(asked.role, asked.model, self._endpoint, effect, rejection.complaint))
