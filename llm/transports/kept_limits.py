"""Whether answers end at the limit on their length, under a budget in tokens or money."""

import asyncio
from dataclasses import dataclass, field, replace

from ..capability_store import CapabilityStore
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion
from .negotiated import Downgrade, DowngradeObserver, ignore_downgrade

LIMIT_IGNORED = "limit_ignored"
ESTIMATE_FACTOR = 2
"""An estimated number of tokens shows that a limit was ignored only beyond this multiple of it."""


class KeptLimitsTransport(WrappingTransport):
    """Finds endpoints that accept a limit on the length of an answer and ignore it.

    A streamed answer is cut off at its limit. Until a model has streamed an answer, bounded requests are sent one at a
    time, so that one answer at most exceeds its reservation. The first one that does is stored as a missing capability
    of the model at the endpoint; every later bounded request is refused, see BudgetTransport.

    Args:
        inner: sends requests to one endpoint, with the capabilities in `store`.
        endpoint: its base URL without secrets.
        store: learned capabilities.
        observer: receives the missing capability.
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
        self._streams = set[str]()
        self._turns: _Turns | None = None

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of the inner transport; raises as it does."""
        if not request.bounded or request.model in self._streams:
            return self._checked(request, await self._inner.complete(request))
        async with self._turn():
            return self._checked(request, await self._inner.complete(request))

    def _checked(self, request: ChatRequest, completion: Completion) -> Completion:
        """Store what the completion of a bounded request shows, and name an ignored limit in its notes."""
        limit, written = request.parameters.max_tokens, completion.tokens
        if not request.bounded or limit is None:
            return completion
        if completion.streamed:
            self._streams.add(request.model)
        if written.completion <= limit * (ESTIMATE_FACTOR if written.estimated else 1):
            return completion
        known = self._store.get(self._endpoint, request.model)
        self._store.learn(self._endpoint, request.model, replace(known, keeps_limits=False))
        said = f"an answer of {written.completion} tokens at a limit of {limit}"
        self._observer(Downgrade(request.role, request.model, self._endpoint, LIMIT_IGNORED, said))
        note = f"model {request.model} at {self._endpoint}: ignores the limit on the length of an answer ({said})"
        return replace(completion, notes=(*completion.notes, note))

    def _turn(self) -> asyncio.Lock:
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns.loop is not loop:
            self._turns = _Turns(loop)
        return self._turns.lock


@dataclass(frozen=True, slots=True)
class _Turns:
    """The lock of one event loop."""

    loop: asyncio.AbstractEventLoop
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
