"""Provenance of market facts: the vendors that they come from."""

from collections.abc import Iterable
from typing import Protocol


class HasOrigin(Protocol):
    """A fact with the name of its vendor; `origin` is empty if the vendor is unknown."""

    @property
    def origin(self) -> str: ...


def source_names(facts: Iterable[HasOrigin]) -> str:
    """Return the distinct vendors of `facts`, sorted and joined by "+"; empty if none is known."""
    return "+".join(sorted({part for fact in facts if fact.origin for part in fact.origin.split("+")}))
