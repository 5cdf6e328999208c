"""Which sections of a desk file its memory and its learning fit."""

from .desk_sections import MemorySpec
from .desk_yaml import KeyDefect
from .learning_section import (
    ContestLearning,
    EpisodesLearning,
    InstructionsLearning,
    LabelsLearning,
    LearningSpec,
    LessonsLearning,
    MarketLearning,
    NoLearning,
    OproLearning,
    ReflectionLearning,
    RetryLearning,
    TrainedLearning,
)
from .roles import CONTEST_KINDS, RoleKind, Roster

READ_NO_MEMORIES = CONTEST_KINDS | {RoleKind.FILTER, RoleKind.PLANNER, RoleKind.PORTFOLIO_MANAGER}
"""Kinds of roles over a book that are shown no memories."""
LEAST_LABELLED = 2
"""Decisions needed for a label: the reward of one ends with the next."""


def check_learning(
    learning: LearningSpec, memory: MemorySpec, roster: Roster, deliberation: str, *, over_book: bool, decider: str
) -> None:
    """Raise ValueError for a kind of learning that the desk cannot have, with the key to change."""
    if memory.per_role and over_book:
        raise KeyDefect("needs intake {scope: symbol}, because memories are about one symbol", "memory", "per_role")
    if isinstance(learning, LabelsLearning):
        if memory.last < LEAST_LABELLED:
            raise KeyDefect(f"labels need past decisions; give memory: {{last: {LEAST_LABELLED}}} or more", "learning")
    elif not isinstance(learning, NoLearning | InstructionsLearning | TrainedLearning) and not memory.enabled:
        raise KeyDefect("a desk that learns needs a memory: give memory a preset", "learning")
    if isinstance(learning, OproLearning | ReflectionLearning):
        _check_instructions(learning, roster, decider)
    if isinstance(learning, EpisodesLearning | RetryLearning):
        _check_training(learning, roster, decider, over_book=over_book)
    for kind, topology in ((MarketLearning, "market"), (ContestLearning, "contest")):
        if isinstance(learning, kind) and deliberation != topology:
            raise KeyDefect(f"learning of kind {learning.kind} needs deliberation {{kind: {topology}}}", "learning")
    if isinstance(learning, LessonsLearning) and (absent := sorted(set(learning.roles) - set(roster.names()))):
        raise KeyDefect(f"lessons are for roles that the desk does not have: {', '.join(absent)}", "learning", "roles")


def _check_training(
    learning: EpisodesLearning | RetryLearning, roster: Roster, decider: str, *, over_book: bool
) -> None:
    if isinstance(learning, EpisodesLearning) and not roster.of(RoleKind.ANALYST):
        raise KeyDefect("episodes are about the sources of analysts, and the desk has none", "learning")
    name = (learning.role or decider) if isinstance(learning, RetryLearning) else decider
    if name not in roster.names():
        known = ", ".join(roster.names())
        raise KeyDefect(f"no role is called {name}; lessons are for one of {known}", "learning", "role")
    if over_book and (kind := next(role.role for role in roster.roles if role.name == name)) in READ_NO_MEMORIES:
        raise KeyDefect(
            f"learning of kind {learning.kind} shows memories to {name}, and a {kind} over a book reads none; "
            f"use kind: opro, which rewrites its instructions, or kind: none",
            "learning",
        )


def _check_instructions(learning: OproLearning | ReflectionLearning, roster: Roster, decider: str) -> None:
    name = learning.role or decider
    found = next((role for role in roster.roles if role.name == name), None)
    if found is None:
        known = ", ".join(roster.names())
        raise KeyDefect(f"no role is called {name}; learning rewrites one of {known}", "learning", "role")
    if found.template is not None:
        raise KeyDefect(f"{name} has a first and a follow-up prompt; learning rewrites one prompt", "learning", "role")
