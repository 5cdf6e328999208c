"""The vendors that market facts come from."""

from collections.abc import Iterable
from typing import Protocol


class HasOrigin(Protocol):
    """Anything that knows which vendor it is from; empty where it does not."""

    @property
    def origin(self) -> str: ...


def source_names(facts: Iterable[HasOrigin]) -> str:
    """Return the vendors of `facts`, each once, sorted and joined by a plus; empty where none is known."""
    return "+".join(sorted({part for fact in facts if fact.origin for part in fact.origin.split("+")}))
