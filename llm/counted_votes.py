"""The votes among several answers of a role, so that the graph can record them with the answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

Counts = tuple[tuple[str, int], ...]
"""The options of a vote with their numbers of answers, the largest first."""

_COUNTED: ContextVar[list[Counts] | None] = ContextVar("openoutcry_counted_votes", default=None)


@contextmanager
def counted_votes() -> Iterator[Sequence[Counts]]:
    """Yield the votes that are counted in the block, and in tasks that it starts, in the order of their counting."""
    counted: list[Counts] = []
    token = _COUNTED.set(counted)
    try:
        yield counted
    finally:
        _COUNTED.reset(token)


def add_vote(counts: Counts) -> None:
    """Add a vote to the enclosing block; outside of one it is dropped."""
    counted = _COUNTED.get()
    if counted is not None:
        counted.append(counts)
