"""A log of finished calls that lives as long as the process."""

from collections.abc import Sequence

from .port import ModelCall


class InMemoryCallLog:
    """Keeps calls in memory: enough where a run that is killed may be paid for again."""

    def __init__(self) -> None:
        self._calls: dict[str, ModelCall] = {}

    def find(self, key: str) -> ModelCall | None:
        """Return the call saved under `key`, or None."""
        return self._calls.get(key)

    def save(self, call: ModelCall) -> None:
        """Keep `call`; the first one of a key stays."""
        self._calls.setdefault(call.key, call)

    def calls(self) -> Sequence[ModelCall]:
        """Return all calls, in the order in which they were saved."""
        return tuple(self._calls.values())
