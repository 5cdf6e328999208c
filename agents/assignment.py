"""The assignment of an agent that contributes to a decision: what it answers, its rule, and what is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..domain.abstention import Abstention
from ..domain.citing_output import citations_of
from ..domain.deliberation_outputs import StatedWork
from .context import AgentContext, check_citations

T = TypeVar("T", bound=StatedWork)


@dataclass(frozen=True, slots=True)
class Assignment(Generic[T]):
    """What one kind of agent answers.

    Attributes:
        kind: the kind of role that its prompts are written for.
        output: the class of the answer.
        rule: returns the answer without a model.
        check: raises InvalidOutput for an answer that the desk file forbids.
        instructions: what the desk file asks for, in words for the prompt.
    """

    kind: str
    output: type[T]
    rule: Callable[[AgentContext], T | Abstention]
    check: Callable[[T], None] = lambda _: None
    instructions: str = ""

    def check_answer(self, answer: T, context: AgentContext) -> None:
        """Raise CitationError for unknown evidence, or for a claim without any, and what `check` raises."""
        check_citations(citations_of(answer), context.citable, required="evidence" in self.output.model_fields)
        self.check(answer)
