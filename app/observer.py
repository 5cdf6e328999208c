"""What a service reports while it works. Services print nothing; a command, a page or a test is the observer."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..domain.ids import RunId
from ..graph.runtime import Progress


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A desk is about to be asked.

    Attributes:
        model: name of the model that answers, `rules` without one.
        synthetic: whether companies, prices and news of the market are invented.
    """

    run_id: RunId
    ticker: str
    as_of: datetime
    desk: str
    model: str
    synthetic: bool


class DecisionObserver(Protocol):
    """Receives what happens while a decision is taken, in order, from the thread that takes it; never raises."""

    def notice(self, text: str) -> None:
        """Receive one sentence that the operator should read."""

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """Return a context that lasts as long as the service waits for `what`."""

    def run_started(self, run: RunStarted) -> None:
        """Receive the run before its desk is asked."""

    def progress(self, progress: Progress) -> None:
        """Receive one step of an agent."""
