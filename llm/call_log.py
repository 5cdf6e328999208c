"""In-memory log of finished calls."""

from collections.abc import Sequence

from ..domain.picture import Picture
from .port import ModelCall


class InMemoryCallLog:
    """Keeps calls in memory; a killed run must repeat its calls."""

    def __init__(self) -> None:
        self._calls: dict[str, ModelCall] = {}
        self.pictures: dict[str, Picture] = {}

    def find(self, key: str) -> ModelCall | None:
        """Return the call saved under `key`, or None."""
        return self._calls.get(key)

    def save(self, call: ModelCall) -> None:
        """Save `call` unless its key exists already."""
        self._calls.setdefault(call.key, call)

    def keep(self, pictures: Sequence[Picture]) -> None:
        """Keep pictures by the hashes of their files."""
        self.pictures.update({each.sha256: each for each in pictures})

    def calls(self) -> Sequence[ModelCall]:
        """Return all calls in the order of saving."""
        return tuple(self._calls.values())
