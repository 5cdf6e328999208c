"""Differences between two JSON values, and those that are expected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One place where two values differ; `path` looks like `decisions/GRUND 2025-03-03/orders/0/quantity`."""

    path: str
    recorded: object
    found: object

    def __str__(self) -> str:
        return f"{self.path}\n  recorded: {self.recorded!r}\n  found:    {self.found!r}"


Fits = Callable[[Any, Any], bool]
"""Returns whether a recorded and a found value differ as intended."""


@dataclass(frozen=True)
class ExpectedChange:
    """A difference that is intended.

    Attributes:
        path: each of its parts may hold the wildcards of fnmatch, which match within that part only.
        reason: for the reader.
        fits: checks the values.
    """

    path: str
    reason: str
    fits: Fits

    def covers(self, difference: Difference) -> bool:
        """Return whether this is the difference."""
        return _is_at(difference.path, self.path) and self.fits(difference.recorded, difference.found)


@dataclass(frozen=True)
class ExpectedRemoval:
    """Items that are left out of a recorded list; the others keep their order.

    Attributes:
        path: the list, as in `ExpectedChange`.
        reason: for the reader.
        is_left_out: returns whether an item is left out.
    """

    path: str
    reason: str
    is_left_out: Callable[[Any], bool]


ABSENT = "(absent)"


def _is_at(path: str, pattern: str) -> bool:
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def without(recorded: object, removals: Sequence[ExpectedRemoval], path: str) -> object:
    """Return the recorded value at `path` without the items that are left out."""
    if isinstance(recorded, dict):
        return {name: without(inner, removals, f"{path}/{name}") for name, inner in recorded.items()}
    if not isinstance(recorded, list):
        return recorded
    here = [each for each in removals if _is_at(path, each.path)]
    kept = [item for item in recorded if not any(each.is_left_out(item) for each in here)]
    return [without(item, removals, f"{path}/{place}") for place, item in enumerate(kept)]


def differences(recorded: object, found: object, path: str = "") -> Iterator[Difference]:
    """Yield every difference, in the order of the recorded value."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        for name in [*recorded, *(each for each in found if each not in recorded)]:
            inner = f"{path}/{name}" if path else str(name)
            yield from differences(recorded.get(name, ABSENT), found.get(name, ABSENT), inner)
    elif isinstance(recorded, list) and isinstance(found, list):
        for place in range(max(len(recorded), len(found))):
            pair = [each[place] if place < len(each) else ABSENT for each in (recorded, found)]
            yield from differences(*pair, f"{path}/{place}")
    elif recorded != found or type(recorded) is not type(found):
        yield Difference(path, recorded, found)


def unexpected(
    recorded: object,
    found: object,
    expected: Sequence[ExpectedChange],
    name: str,
    removals: Sequence[ExpectedRemoval] = (),
) -> list[Difference]:
    """Return the differences below `name` that no expected change or removal covers."""
    there = differences(without(recorded, removals, name), found, name)
    return [each for each in there if not any(change.covers(each) for change in expected)]


def described(found: Sequence[Difference], limit: int = 5) -> str:
    """Return the first differences as text, and how many there are."""
    shown = "\n".join(str(each) for each in found[:limit])
    return f"{len(found)} difference(s); the first:\n{shown}"
