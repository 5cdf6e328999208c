"""The rules that answer for the roles which learn in training: counts of what was right, without a conclusion."""

from collections.abc import Mapping

from ...domain.learning_outputs import BeliefEdit, BeliefEdits
from ...domain.outputs import Lesson


def beliefs_by_rule(right: Mapping[str, int], counted: Mapping[str, int]) -> BeliefEdits:
    """Return a belief on each source with calls: how many of them were right in the better episode."""
    edits = tuple(
        BeliefEdit(source=name, belief=f"In training {right[name]} of {counted[name]} reports with a side were right.")
        for name in counted
        if counted[name]
    )
    return BeliefEdits(explanation="Counts of the better episode.", edits=edits)


def retry_by_rule(decision: str, outcome: str) -> Lesson:
    """Return a lesson that states the decision and its outcome."""
    return Lesson(lesson=f"{decision} {outcome}")
