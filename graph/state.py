"""The state of a run of the graph, which is also the content of a checkpoint."""

from dataclasses import dataclass, replace
from typing import Annotated, TypedDict

from ..agents.context import AgentContext, MissingEvidence
from ..domain.abstention import Abstention
from ..domain.brief import Brief
from ..domain.decision import (
    DebateTurn,
    RecalledMemory,
    RiskAssessment,
    RoleReport,
)
from ..domain.evidence import Evidence
from ..domain.outputs import OrderPlan, RiskReview, Thesis


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


class State(TypedDict, total=False):
    """The channels of the graph. Parallel nodes append to tuples; a channel with one writer is replaced."""

    evidence: Annotated[tuple[Evidence, ...], _merge]
    missing: Annotated[tuple[MissingEvidence, ...], _append]
    reports: Annotated[tuple[RoleReport, ...], _append]
    turns: Annotated[tuple[DebateTurn, ...], _append]
    opinions: Annotated[tuple[RiskAssessment, ...], _append]
    abstentions: Annotated[tuple[Abstention, ...], _append]
    recalled: Annotated[tuple[RecalledMemory, ...], _recall]
    round: int
    thesis: Thesis | None
    plan: OrderPlan | None
    review: RiskReview | None


@dataclass(frozen=True, slots=True)
class GraphResult:
    """The result of a run of the graph. `review` is None if the risk manager did not review a plan."""

    context: AgentContext
    review: RiskReview | None
    recalled: tuple[RecalledMemory, ...] = ()


def context_from_state(state: State, brief: Brief) -> AgentContext:
    """Return the context of the agents for a state. Lists from a checkpoint become tuples."""
    return AgentContext(
        brief=brief,
        evidence=tuple(state.get("evidence", ())),
        missing=tuple(state.get("missing", ())),
        reports=tuple(state.get("reports", ())),
        turns=tuple(state.get("turns", ())),
        thesis=state.get("thesis"),
        plan=state.get("plan"),
        opinions=tuple(state.get("opinions", ())),
        abstentions=tuple(state.get("abstentions", ())),
    )
