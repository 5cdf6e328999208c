"""The form of a decision: what an agent that decides writes, and what it means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...domain.abstention import Abstention
from ...domain.decision_outputs import JudgedView
from ...domain.outputs import NOT_ARGUED, StructuredOutput, Thesis
from ..context import AgentContext
from ..rules.research_manager import rate

T = TypeVar("T", bound=StructuredOutput)
V = TypeVar("V", bound=JudgedView)


@dataclass(frozen=True, slots=True)
class DecisionForm(Generic[T]):
    """One kind of decision about one symbol.

    Attributes:
        output: returns the class of the answer.
        by_rule: returns the answer for the thesis that the rules arrive at, or an abstention.
        contributions: returns what an answer contributes: a thesis, and the decision.
        check: raises InvalidOutput for an answer that the desk file or the market forbids.
        instructions: returns what the desk file asks for, in words for the prompt.
    """

    output: Callable[[AgentContext], type[T]]
    by_rule: Callable[[Thesis, AgentContext], T | Abstention]
    contributions: Callable[[T], tuple[StructuredOutput, ...]]
    check: Callable[[T, AgentContext], None]
    instructions: Callable[[AgentContext], str]


def view_form(
    output: type[V],
    by_rule: Callable[[Thesis, AgentContext], V],
    conviction: Callable[[V], float],
    instructions: str,
    check: Callable[[V, AgentContext], None] | None = None,
) -> DecisionForm[V]:
    """Return a form whose answer is a view; `conviction` returns the signed conviction, -1 to 1, of an answer."""
    return DecisionForm(
        lambda _: output,
        by_rule,
        lambda answer: (thesis_of(answer, conviction(answer)), answer),
        check or _accept,
        lambda _: instructions,
    )


def _accept(_: JudgedView, __: AgentContext) -> None:
    """Accept every answer."""


def thesis_of(answer: JudgedView, conviction: float) -> Thesis:
    """Return the view of an answer as a thesis, which memory, limits and reports work with."""
    return Thesis(
        rating=getattr(answer, "rating", None) or rate(conviction),
        conviction=conviction,
        horizon_sessions=answer.horizon_sessions,
        summary=answer.summary,
        bull_case=NOT_ARGUED,
        bear_case=NOT_ARGUED,
        invalidation=answer.invalidation,
        evidence=answer.evidence,
    )


def view_fields(thesis: Thesis, horizon: int | None = None) -> Mapping[str, object]:
    """Return the fields that the answers of all forms share, from a thesis."""
    return {
        "horizon_sessions": horizon or thesis.horizon_sessions,
        "summary": thesis.summary,
        "invalidation": thesis.invalidation,
        "evidence": thesis.evidence,
    }
