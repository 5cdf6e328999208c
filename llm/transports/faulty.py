"""Deterministic faults in front of another transport: which requests fail, and how, is fixed in advance."""

import hashlib
from collections.abc import Callable, Sequence

from ...domain.errors import ModelError
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion

FaultRule = Callable[[int, ChatRequest], ModelError | None]
"""Returns the error for the request with this number, counted from 0, or None to let it pass."""


class FaultyTransport(WrappingTransport):
    """Raises the errors that a rule gives, and passes all other requests on."""

    def __init__(self, inner: ChatTransport, rule: FaultRule) -> None:
        super().__init__(inner)
        self._rule, self._count = rule, 0

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises what the rule gives for it."""
        number, self._count = self._count, self._count + 1
        if (error := self._rule(number, request)) is not None:
            raise error
        return await self._inner.complete(request)


def in_order(errors: Sequence[ModelError | None]) -> FaultRule:
    """Return a rule that gives these errors to the first requests, one each; None lets one pass."""
    return lambda number, _: errors[number] if number < len(errors) else None


def share_of_keys(share: float, error: Callable[[], ModelError], seed: int = 0) -> FaultRule:
    """Return a rule under which a fixed share of requests fails, chosen by their keys.

    The same requests fail in any order and in any process; a different `seed` chooses others.
    """

    def rule(_: int, request: ChatRequest) -> ModelError | None:
        drawn = hashlib.sha256(f"{seed} {request.key}".encode()).digest()
        return error() if int.from_bytes(drawn[:8], "big") < share * 2**64 else None

    return rule
