"""What one desk has learned beside its memory, and where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from ...prompts.library import PromptLibrary
from .learned_store import LearnedEntry, LearnedStore, LearningSpace
from .training.entries import TrainingState

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class DeskLearning:
    """The entries of one account and desk.

    Attributes:
        library: the prompts of the desk, whose texts instructions replace.
        writes: whether entries are added; a dry run only reads.
        stops_at_budget: whether a used-up budget ends the run, which can be continued, instead of the step of learning.
        training: what decisions inside a training are shown; None outside of one.
    """

    store: LearnedStore
    space: LearningSpace
    library: PromptLibrary
    writes: bool = True
    stops_at_budget: bool = False
    training: TrainingState | None = None

    def read(self, kind: str, form: type[M], as_of: datetime) -> Sequence[M]:
        """Return the entries of one kind that are known at `as_of`, oldest first."""
        return [form.model_validate_json(each.body) for each in self.store.entries(self.space, kind, as_of)]

    def add(self, kind: str, key: str, learned_at: datetime, body: BaseModel) -> None:
        """Add an entry, unless there is one with the same kind and key."""
        if self.writes:
            self.store.add(self.space, LearnedEntry(kind, key, learned_at, body.model_dump_json()))
