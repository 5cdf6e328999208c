"""Abstention: no view. It differs from HOLD and from a conviction of 0, and it leaves every account unchanged."""

from dataclasses import dataclass
from enum import StrEnum

from .errors import (
    BudgetExceeded,
    CitationError,
    DataError,
    InvalidOutput,
    ModelError,
    OpenOutcryError,
)


class AbstentionCause(StrEnum):
    """The cause of an abstention, by the component that must be corrected."""

    DATA = "data"
    MODEL = "model"
    ANSWER = "answer"
    CITATION = "citation"
    BUDGET = "budget"
    INCOMPLETE = "bench"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Abstention:
    """The abstention of `role`: its cause and a reason in words."""

    role: str
    cause: AbstentionCause
    reason: str


def cause_for_error(error: OpenOutcryError) -> AbstentionCause:
    """Return the abstention cause of an error."""
    table: tuple[tuple[type[OpenOutcryError], AbstentionCause], ...] = (
        (CitationError, AbstentionCause.CITATION),
        (InvalidOutput, AbstentionCause.ANSWER),
        (BudgetExceeded, AbstentionCause.BUDGET),
        (ModelError, AbstentionCause.MODEL),
        (DataError, AbstentionCause.DATA),
    )
    return next((cause for kind, cause in table if isinstance(error, kind)), AbstentionCause.INCOMPLETE)
