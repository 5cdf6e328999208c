"""Abstention: no view. It differs from HOLD and from a conviction of 0, and it leaves every account unchanged."""

from collections.abc import Sequence
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
from .ids import Symbol


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
    """The abstention of `role`: its cause and a reason in words. `symbol` is the part of a book that it is about."""

    role: str
    cause: AbstentionCause
    reason: str
    symbol: Symbol | None = None


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


def joint_cause(abstentions: Sequence[Abstention]) -> AbstentionCause:
    """Return the cause of an abstention that follows from others: INCOMPLETE without any; MODEL and BUDGET first.

    A run that a reachable model or a larger budget can complete must not end in a cause that resuming cannot cure.
    """
    causes = [abstention.cause for abstention in abstentions]
    curable = [cause for cause in (AbstentionCause.MODEL, AbstentionCause.BUDGET) if cause in causes]
    return next(iter([*curable, *causes]), AbstentionCause.INCOMPLETE)
