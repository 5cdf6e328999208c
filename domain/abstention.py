"""Abstaining: no view. It is never a HOLD, never a zero, and it leaves every book unchanged."""

from dataclasses import dataclass
from enum import StrEnum

from .errors import BudgetExceeded, CitationError, DataError, InvalidOutput, ModelError, OpenOutcryError


class Cause(StrEnum):
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
    cause: Cause
    reason: str


def cause_of(error: OpenOutcryError) -> Cause:
    """Return whose fault an error is."""
    table: tuple[tuple[type[OpenOutcryError], Cause], ...] = (
        (CitationError, Cause.CITATION),
        (InvalidOutput, Cause.ANSWER),
        (BudgetExceeded, Cause.BUDGET),
        (ModelError, Cause.MODEL),
        (DataError, Cause.DATA),
    )
    return next((cause for kind, cause in table if isinstance(error, kind)), Cause.BENCH)
