"""Access to models for one run: its budget, and the tape that records or answers its calls."""

from dataclasses import dataclass

from ..llm.replay import Tape
from ..llm.transports.budget import CallBudget


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """The budget of a run, and its tape; None if calls are neither recorded nor replayed."""

    budget: CallBudget
    tape: Tape | None = None
