"""Abstaining: no view. It is never a HOLD, never a zero, and it leaves every book unchanged."""

from dataclasses import dataclass
from enum import StrEnum


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
