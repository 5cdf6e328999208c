"""Which sections of a desk file its memory and its learning fit."""

from .desk_sections import MemorySpec
from .desk_yaml import KeyDefect
from .learning_section import ContestLearning, LabelsLearning, LearningSpec, LessonsLearning, MarketLearning, NoLearning
from .roles import Roster

LEAST_LABELLED = 2
"""Decisions needed for a label: the reward of one ends with the next."""


def check_learning(
    learning: LearningSpec, memory: MemorySpec, roster: Roster, deliberation: str, *, over_book: bool
) -> None:
    """Raise ValueError for a kind of learning that the desk cannot have, with the key to change."""
    if memory.per_role and over_book:
        raise KeyDefect("needs intake {scope: symbol}, because memories are about one symbol", "memory", "per_role")
    if isinstance(learning, LabelsLearning):
        if memory.last < LEAST_LABELLED:
            raise KeyDefect(f"labels need past decisions; give memory: {{last: {LEAST_LABELLED}}} or more", "learning")
    elif not isinstance(learning, NoLearning) and not memory.enabled:
        raise KeyDefect("a desk that learns needs a memory: give memory a preset", "learning")
    for kind, topology in ((MarketLearning, "market"), (ContestLearning, "contest")):
        if isinstance(learning, kind) and deliberation != topology:
            raise KeyDefect(f"learning of kind {learning.kind} needs deliberation {{kind: {topology}}}", "learning")
    if isinstance(learning, LessonsLearning) and (absent := sorted(set(learning.roles) - set(roster.names()))):
        raise KeyDefect(f"lessons are for roles that the desk does not have: {', '.join(absent)}", "learning", "roles")
