"""A proposed text of instructions, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from ....domain.abstention import Abstention
from ....domain.learning_outputs import PromptProposal


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


def proposed(said: PromptProposal | Abstention) -> ProposedText:
    """Return the text of an answer; an abstention is a text with a defect."""
    if isinstance(said, Abstention):
        return no_text(said)
    return ProposedText(said.revised_instructions, said.diagnosis, said.changes, said.expected_effect)


def no_text(said: Abstention) -> ProposedText:
    """Return a text with a defect, for an abstention."""
    return ProposedText("", defect=f"the model gave no valid answer: {said.reason}")
