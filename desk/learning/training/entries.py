"""The results of a training: the beliefs after each episode, and the lessons that have corrected a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from ....domain.ids import Symbol

EPISODE, RETRY = "episodes.update", "retry.lesson"
"""Kinds of entries."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredBelief(_Entry):
    """A belief about the information of one analyst."""

    source: str
    text: str


class EpisodeUpdate(_Entry):
    """The end of one training episode.

    Attributes:
        number: 1 for the first.
        first, last: the sessions of the episode.
        total_return: of the account in the episode.
        better, worse: the numbers of the episodes that were compared; None after the first.
        overlap: share of equal actions of both; None if they share no decision.
        size: tau, the share of the beliefs that may change; allowed is the number of beliefs.
        edited: sources whose beliefs changed; dropped are those whose edits exceeded the size.
        beliefs: all beliefs from now on.
        learned_at: when the last outcome of the episode was known.
    """

    number: int
    first: date
    last: date
    total_return: float
    learned_at: datetime
    better: int | None = None
    worse: int | None = None
    overlap: float | None = None
    size: float = 0.0
    allowed: int = 0
    edited: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    explanation: str = ""
    beliefs: tuple[StoredBelief, ...] = ()


class RetryLesson(_Entry):
    """A lesson after which a wrong decision was right.

    Attributes:
        session: after which the decision was made.
        outcome: return of the symbol until the label was known.
        trials: how many retries it took.
        text: the lesson.
        learned_at: when the label was known.
    """

    symbol: Symbol
    session: date
    outcome: float
    trials: int
    text: str
    learned_at: datetime


@dataclass(frozen=True, slots=True)
class TrainingState:
    """What decisions inside a training are shown instead of what is stored.

    Attributes:
        beliefs: by analyst, after the episodes so far; None for those stored.
        reflections: on earlier tries of the same decision.
    """

    beliefs: Mapping[str, str] | None = None
    reflections: tuple[str, ...] = field(default=())
