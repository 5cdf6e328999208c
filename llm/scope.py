"""Scope of a decision for its model calls: symbol, deadline and notes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DecisionScope:
    """Scope of one decision.

    Attributes:
        as_of: ISO timestamp in UTC of the decision; empty outside of decisions.
        symbol: calls that wait for a rate limit are served round-robin by symbol.
        seconds: time limit of the decision; None for no limit.
        ends_at: deadline on the clock of the event loop, at which calls are cancelled; None for no limit.
    """

    symbol: str = ""
    as_of: str = ""
    seconds: float | None = None
    ends_at: float | None = None
    _notes: dict[str, None] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the notes of the decision's calls without duplicates, in order of first use."""
        return tuple(self._notes)

    def add(self, text: str) -> None:
        """Add a note."""
        self._notes[text] = None


_SCOPE: ContextVar[DecisionScope | None] = ContextVar("openoutcry_decision_scope", default=None)


@contextmanager
def decision_scope(symbol: str, seconds: float | None = None, as_of: str = "") -> Iterator[DecisionScope]:
    """Set the scope for calls in the block, and in tasks that it starts: a decision on `symbol` within `seconds`.

    The scope is a context variable, because one model serves concurrent decisions and the graph runs agents in
    separate tasks.
    """
    ends_at = None if seconds is None else asyncio.get_running_loop().time() + seconds
    token = _SCOPE.set(DecisionScope(symbol, as_of, seconds, ends_at))
    try:
        scope = _SCOPE.get()
        assert scope is not None
        yield scope
    finally:
        _SCOPE.reset(token)


def current_scope() -> DecisionScope:
    """Return the scope of the running task; an empty scope outside of decisions."""
    return _SCOPE.get() or DecisionScope()


def note(text: str) -> None:
    """Add a note to the current decision."""
    current_scope().add(text)
