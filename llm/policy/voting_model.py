"""Several answers by one model, decided by a majority vote."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision import ModelInfo
from ...domain.errors import ConfigError, ModelError
from ..counted_votes import add_vote
from ..events import AnswerChosen, CallObserver, ignore_event
from ..port import Model, ModelRequest
from .sampling import draw
from .vote import Vote, vote

T = TypeVar("T", bound=BaseModel)

POLICY = "vote"


class VotingModel:
    """Asks the inner model `samples` times and returns the answer of the majority.

    A tie, and no more than half of the calls answered, are abstentions. The disagreement is sent as an event,
    and the counts of a majority are added to `counted_votes`.
    """

    def __init__(self, inner: Model, samples: int, events: CallObserver = ignore_event) -> None:
        """Raise ConfigError for fewer than one sample."""
        if samples < 1:
            raise ConfigError(f"a vote needs at least one sample, not {samples}")
        self._inner, self._samples, self._events = inner, samples, events

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Return the answer of the majority, or an abstention."""
        samples = await draw(self._inner, request, self._samples)
        if (abstention := samples.abstention) is not None:
            return abstention
        result = vote(samples.answers)
        self._events(AnswerChosen(request.role, POLICY, len(samples.answers), round(result.disagreement, 4)))
        if result.choice is None:
            return Abstention(request.role, AbstentionCause.ANSWER, _tie(result, len(samples.answers)))
        add_vote(result.counts)
        return _checked(result.choice, samples.answers, request)


def _checked(choice: T, answers: Sequence[T], request: ModelRequest[T]) -> T:
    """Return the choice, or if its medians fail the check of the request, the first answer equal in direction."""
    try:
        request.check(choice)
    except ModelError:
        return next(answer for answer in answers if vote([answer]).counts == vote([choice]).counts)
    return choice


def _tie(result: Vote[T], answers: int) -> str:
    found = ", ".join(f"{count} {direction or 'without a direction'}" for direction, count in result.counts)
    return f"{answers} answers have no majority: {found}"
