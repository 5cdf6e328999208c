"""Differences between two JSON values, and those that are expected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Difference:
    """One place where two values differ; `path` looks like `decisions/GRUND 2025-03-03/orders/0/quantity`."""

    path: str
    recorded: object
    found: object

    def __str__(self) -> str:
        return f"{self.path}\n  recorded: {self.recorded!r}\n  found:    {self.found!r}"


@dataclass(frozen=True)
class ExpectedChange:
    """A difference that is intended. `path` may hold the wildcards of fnmatch; `reason` is for the reader."""

    path: str
    reason: str


ABSENT = "(absent)"


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


def unexpected(recorded: object, found: object, expected: Sequence[ExpectedChange], name: str) -> list[Difference]:
    """Return the differences below `name` that no expected change covers."""
    return [
        each
        for each in differences(recorded, found, name)
        if not any(fnmatchcase(each.path, change.path) for change in expected)
    ]


def described(found: Sequence[Difference], limit: int = 5) -> str:
    """Return the first differences as text, and how many there are."""
    shown = "\n".join(str(each) for each in found[:limit])
    return f"{len(found)} difference(s); the first:\n{shown}"
