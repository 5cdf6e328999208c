"""Texts that were proposed, and what became of each."""

from dataclasses import dataclass
from enum import StrEnum


class AttemptStatus(StrEnum):
    """What became of a proposed text."""

    ADOPTED = "adopted"
    """Better than the incumbent on the scoring sessions, and not worse in the shadow evaluation."""

    NOT_BETTER = "not_better"
    """Its score on the scoring sessions is not above that of the incumbent."""

    ROLLED_BACK = "rolled_back"
    """Better on the scoring sessions and worse than the incumbent in the shadow evaluation; the incumbent stays."""

    REJECTED = "rejected"
    """The text breaks the prompt; it was never used."""

    REPEATED = "repeated"
    """The same text was tried before."""


@dataclass(frozen=True, slots=True)
class ProposedText:
    """A text before it is tried, with the reasons of the model that wrote it.

    Attributes:
        text: the whole static block.
        defect: why the model gave no text; empty if it gave one.
    """

    text: str
    diagnosis: str = ""
    changes: tuple[str, ...] = ()
    expected_effect: str = ""
    defect: str = ""


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
