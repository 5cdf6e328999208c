"""The overlap of two episodes' actions, and the size of the edit that it allows (FinCon, arXiv 2407.06567)."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

StepT = TypeVar("StepT", bound=Hashable)
ActionT = TypeVar("ActionT", bound=Hashable)


def action_overlap(earlier: Mapping[StepT, ActionT], later: Mapping[StepT, ActionT]) -> float | None:
    """Return the share of steps with the same action, among the steps of both episodes; None if they share no step.

    The mappings hold the action of every step, for example by session or by (session, symbol).
    """
    common = [step for step in earlier if step in later]
    return sum(earlier[step] == later[step] for step in common) / len(common) if common else None


def edit_size(overlap: float | None, *, grows_with_overlap: bool) -> float:
    """Return tau, the share of a belief that may be edited: the overlap, or 1 - overlap.

    The paper calls the overlap itself the learning rate; less agreement as reason for a larger edit is the opposite
    sign, so the caller has to choose. Without an overlap nothing is compared, and the size is 0.
    """
    if overlap is None:
        return 0.0
    if not 0 <= overlap <= 1:
        raise ValueError(f"an overlap is within [0, 1], not {overlap}")
    return overlap if grows_with_overlap else 1 - overlap
