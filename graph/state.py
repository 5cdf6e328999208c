"""The state of a run of the graph, which is also the content of a checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, TypedDict

from ..agents.book import SEPARATOR
from ..agents.context import AgentContext, Contribution, MissingEvidence
from ..domain.abstention import Abstention
from ..domain.brief import Brief
from ..domain.decision import RecalledMemory
from ..domain.evidence import Evidence
from ..domain.ids import Symbol
from ..domain.outputs import RiskReview, StructuredOutput

STATE_VERSION = 2
"""Version of the channels. A run whose checkpoints have another version cannot be resumed."""


def _append(left: tuple[object, ...], right: tuple[object, ...]) -> tuple[object, ...]:
    return (*left, *right)


def _merge(left: tuple[Evidence, ...], right: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple({item.id: item for item in (*left, *right)}.values())


def _recall(left: tuple[RecalledMemory, ...], right: tuple[RecalledMemory, ...]) -> tuple[RecalledMemory, ...]:
    """Keep each memory once, as it was first recalled, with all roles it was shown to."""
    merged = {item.memory_id: item for item in left}
    for item in right:
        known = merged.get(item.memory_id)
        merged[item.memory_id] = replace(known, roles=(*known.roles, *item.roles)) if known else item
    return tuple(merged.values())


def _count(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
    return {**dict(left), **right}


class State(TypedDict, total=False):
    """The channels of the graph. Parallel nodes append to tuples; a counter is replaced by its only writer.

    `symbols` are those of a book, set at the start. `scope` is the symbol that a node works on, in its input only.
    """

    evidence: Annotated[tuple[Evidence, ...], _merge]
    missing: Annotated[tuple[MissingEvidence, ...], _append]
    contributions: Annotated[tuple[Contribution, ...], _append]
    abstentions: Annotated[tuple[Abstention, ...], _append]
    recalled: Annotated[tuple[RecalledMemory, ...], _recall]
    counters: Annotated[dict[str, int], _count]
    symbols: tuple[Symbol, ...]
    scope: Symbol


@dataclass(frozen=True, slots=True)
class GraphResult:
    """The result of a run of the graph."""

    context: AgentContext
    recalled: tuple[RecalledMemory, ...] = ()

    @property
    def review(self) -> RiskReview | None:
        """Return the risk manager's review; None if there was no plan to review or no view."""
        return self.context.review


def context_from_state(state: State, brief: Brief, book: tuple[Brief, ...] = ()) -> AgentContext:
    """Return the context of the agents for a state. Lists from a checkpoint become tuples."""
    return AgentContext(
        book=book,
        brief=brief,
        evidence=tuple(state.get("evidence", ())),
        missing=tuple(state.get("missing", ())),
        contributions=tuple(state.get("contributions", ())),
        abstentions=tuple(state.get("abstentions", ())),
    )


def contributed(kind: type[StructuredOutput]) -> Callable[[State], bool]:
    """Return the condition that an output of `kind` exists."""

    def exists(state: State) -> bool:
        return any(isinstance(made.output, kind) for made in state.get("contributions", ()))

    return exists


def part_of(state: State, symbol: Symbol) -> State:
    """Return the part of a book's state that is about one symbol, as the input of a node that works on it."""
    prefix = f"{symbol}{SEPARATOR}"
    return State(
        scope=symbol,
        evidence=tuple(item for item in state.get("evidence", ()) if item.id.startswith(prefix)),
        contributions=tuple(made for made in state.get("contributions", ()) if made.symbol == symbol),
        counters=state.get("counters", {}),
    )
