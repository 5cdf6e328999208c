"""Events that a service reports during a run. Services print nothing; a command or a test is the observer."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ..domain.ids import RunId, Symbol
from ..graph.runtime import Progress


@dataclass(frozen=True, slots=True)
class Spent:
    """Model calls and tokens of a run so far; `cost_usd` is None if the price of a model is not known."""

    model_calls: int = 0
    tokens: int = 0
    cost_usd: Decimal | None = None


TokenSink = Callable[[str, str], None]
"""Receives the role and the next piece of an answer while the model writes it: unchecked text of a model."""


def no_spending() -> Spent:
    """Return that nothing was spent."""
    return Spent()


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has started; its desk has not been called yet.

    Attributes:
        model: name of the model, or `rules`.
        synthetic: whether the market's companies, prices and news are invented.
        steps: number of answers of roles that a complete decision has; 0 if it is not known.
        spent: returns what the run has spent so far.
    """

    run_id: RunId
    ticker: str
    as_of: datetime
    desk: str
    model: str
    synthetic: bool
    steps: int = 0
    spent: Callable[[], Spent] = no_spending


class RunObserver(Protocol):
    """Receives the events of one run in order, on the thread that decides. Implementations must not raise."""

    @property
    def tokens(self) -> TokenSink | None:
        """Return what receives the answers while they arrive; None if answers are not streamed."""

    def notice(self, text: str) -> None:
        """Receive one sentence for the user."""

    def run_started(self, run: RunStarted) -> None:
        """Receive the run before its desk is called."""

    def progress(self, progress: Progress) -> None:
        """Receive the start or the end of one agent's step."""


class DecisionObserver(RunObserver, Protocol):
    """Receives the events of a decision, and is asked to show what is waited for."""

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Return a context manager that the service holds while it waits for `what`."""


class SessionObserver(Protocol):
    """Receives the events of a session."""

    def notice(self, text: str) -> None:
        """Receive one sentence for the user."""

    def run_observer(self, symbol: Symbol) -> RunObserver:
        """Return the observer of the decision on one symbol."""
