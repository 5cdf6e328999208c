"""What happens to learning if the model of a role that learns cannot answer."""

from typing import TypeVar

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision import Decision
from ...domain.errors import BudgetExceeded, ModelUnavailable

T = TypeVar("T")


def answered(said: T | Abstention, *, stops_at_budget: bool) -> T | Abstention:
    """Return an answer, or an abstention that belongs to the result.

    Raises ModelUnavailable if the model could not be reached, so that nothing is learned from an outage, and
    BudgetExceeded for a used-up budget if that ends the run; the run is continued with a larger one.
    """
    if isinstance(said, Abstention):
        if said.cause is AbstentionCause.MODEL:
            raise ModelUnavailable(f"{said.role} has not answered: {said.reason}")
        if said.cause is AbstentionCause.BUDGET and stops_at_budget:
            raise BudgetExceeded(said.reason)
    return said


def answered_decision(decision: Decision) -> Decision:
    """Return a decision of a training, whose abstention raises as that of a role that learns."""
    if decision.abstention is not None:
        answered(decision.abstention, stops_at_budget=True)
    return decision
