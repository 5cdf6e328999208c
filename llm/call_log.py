"""In-memory log of finished calls."""

from collections.abc import Sequence

from .port import ModelCall


class InMemoryCallLog:
    """Keeps calls in memory; a killed run must repeat its calls."""

    def __init__(self) -> None:
        self._calls: dict[str, ModelCall] = {}

    def find(self, key: str) -> ModelCall | None:
        """Return the call saved under `key`, or None."""
        return self._calls.get(key)

    def save(self, call: ModelCall) -> None:
        """Save `call` unless its key exists already."""
        self._calls.setdefault(call.key, call)

    def calls(self) -> Sequence[ModelCall]:
        """Return all calls in the order of saving."""
        return tuple(self._calls.values())
