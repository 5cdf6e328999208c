"""The decision that a model call belongs to: its symbol, its deadline, and notes on how it was served."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DecisionScope:
    """One decision.

    Attributes:
        symbol: calls are served in turns by symbol where a limit makes them wait.
        seconds: time allowed for the decision; None for no limit.
        ends_at: moment on the clock of the event loop after which no call begins or goes on; None for no limit.
    """

    symbol: str = ""
    seconds: float | None = None
    ends_at: float | None = None
    _notes: dict[str, None] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what the decision's calls had to do without, each once, in the order of first use."""
        return tuple(self._notes)

    def add(self, text: str) -> None:
        """Add a note."""
        self._notes[text] = None


_SCOPE: ContextVar[DecisionScope | None] = ContextVar("openoutcry_decision_scope", default=None)


@contextmanager
def decision_scope(symbol: str, seconds: float | None = None) -> Iterator[DecisionScope]:
    """Let the calls of the block, and of tasks that it starts, belong to a decision on `symbol` of at most `seconds`.

    A context variable carries the scope, because one model serves concurrent decisions and the graph runs agents in
    tasks of its own.
    """
    ends_at = None if seconds is None else asyncio.get_running_loop().time() + seconds
    token = _SCOPE.set(DecisionScope(symbol, seconds, ends_at))
    try:
        scope = _SCOPE.get()
        assert scope is not None
        yield scope
    finally:
        _SCOPE.reset(token)


def current_scope() -> DecisionScope:
    """Return the scope of the running task; an empty one outside of decisions."""
    return _SCOPE.get() or DecisionScope()


def note(text: str) -> None:
    """Note in the current decision what a call had to do without."""
    current_scope().add(text)
