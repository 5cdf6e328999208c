"""Deterministic fault injection for a transport."""

import hashlib
from collections.abc import Callable, Sequence

from ...domain.errors import ModelError
from ..chat import ChatRequest, ChatTransport, WrappingTransport
from ..completion import Completion

FaultRule = Callable[[int, ChatRequest], ModelError | None]
"""Returns the error for a request and its number, counted from 0, or None to let it pass."""


class FaultyTransport(WrappingTransport):
    """Raises the errors returned by a rule, and passes all other requests on."""

    def __init__(self, inner: ChatTransport, rule: FaultRule) -> None:
        super().__init__(inner)
        self._rule, self._count = rule, 0

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the completion of `request`; raises the error that the rule returns for it."""
        number, self._count = self._count, self._count + 1
        if (error := self._rule(number, request)) is not None:
            raise error
        return await self._inner.complete(request)


def in_order(errors: Sequence[ModelError | None]) -> FaultRule:
    """Return a rule with one of `errors` for each of the first requests; None lets a request pass."""
    return lambda number, _: errors[number] if number < len(errors) else None


def share_of_keys(share: float, error: Callable[[], ModelError], seed: int = 0) -> FaultRule:
    """Return a rule under which the fraction `share` of requests fails, selected by their keys.

    The same requests fail in any order and in any process; another `seed` selects other requests.
    """

    def rule(_: int, request: ChatRequest) -> ModelError | None:
        drawn = hashlib.sha256(f"{seed} {request.key}".encode()).digest()
        return error() if int.from_bytes(drawn[:8], "big") < share * 2**64 else None

    return rule
