"""Abstaining: no view. It is never a HOLD, never a zero, and it leaves every book unchanged."""

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
    """Why there is no view, by who would have to act."""

    DATA = "data"
    MODEL = "model"
    ANSWER = "answer"
    CITATION = "citation"
    BUDGET = "budget"
    BENCH = "bench"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Abstention:
    """That `role` has no view, why, and whose fault that is."""

    role: str
    cause: AbstentionCause
    reason: str


def cause_for_error(error: OpenOutcryError) -> AbstentionCause:
    """Return whose fault an error is."""
    table: tuple[tuple[type[OpenOutcryError], AbstentionCause], ...] = (
        (CitationError, AbstentionCause.CITATION),
        (InvalidOutput, AbstentionCause.ANSWER),
        (BudgetExceeded, AbstentionCause.BUDGET),
        (ModelError, AbstentionCause.MODEL),
        (DataError, AbstentionCause.DATA),
    )
    return next((cause for kind, cause in table if isinstance(error, kind)), AbstentionCause.BENCH)
