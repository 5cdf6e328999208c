"""Texts that an optimization has tried, with their results."""

from dataclasses import dataclass

from ...desk.learning.instructions.proposed_text import AttemptStatus, ProposedText


@dataclass(frozen=True, slots=True)
class OptimizationAttempt:
    """One proposed text and its result.

    Attributes:
        number: 1 for the first.
        reason: why it was rejected; empty otherwise.
        hash: content hash of the prompt with this text; of the text alone if it was rejected.
        score: on the scoring sessions; None if it was not evaluated.
        incumbent_score: of the incumbent on the same sessions, when it was tried.
        shadow_score, incumbent_shadow_score: in the shadow evaluation; None without one.
    """

    number: int
    proposed: ProposedText
    status: AttemptStatus
    hash: str
    reason: str = ""
    score: float | None = None
    incumbent_score: float | None = None
    shadow_score: float | None = None
    incumbent_shadow_score: float | None = None
