"""What a run of the graph has so far. Small, typed, and all that a checkpoint holds."""

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
    """Keep each memory once, as it was first shown, with everyone it was shown to."""
    merged = {item.memory_id: item for item in left}
    for item in right:
        known = merged.get(item.memory_id)
        merged[item.memory_id] = replace(known, roles=(*known.roles, *item.roles)) if known else item
    return tuple(merged.values())


class State(TypedDict, total=False):
    """The channels. Parallel members append; what only one member writes is replaced."""

    evidence: Annotated[tuple[Evidence, ...], _merge]
    missing: Annotated[tuple[MissingEvidence, ...], _append]
    reports: Annotated[tuple[RoleReport, ...], _append]
    turns: Annotated[tuple[DebateTurn, ...], _append]
    opinions: Annotated[tuple[RiskAssessment, ...], _append]
    absences: Annotated[tuple[Abstention, ...], _append]
    recalled: Annotated[tuple[RecalledMemory, ...], _recall]
    rounds_heard: int
    thesis: Thesis | None
    plan: OrderPlan | None
    review: RiskReview | None


@dataclass(frozen=True, slots=True)
class GraphResult:
    """The value that a run of the graph ends in; None where a member of the desk gave no view."""

    context: AgentContext
    review: RiskReview | None
    recalled: tuple[RecalledMemory, ...] = ()


def context_from_state(state: State, brief: Brief) -> AgentContext:
    """Return the context of the agents; a checkpoint's lists become tuples again."""
    return AgentContext(
        brief=brief,
        evidence=tuple(state.get("evidence", ())),
        missing=tuple(state.get("missing", ())),
        reports=tuple(state.get("reports", ())),
        turns=tuple(state.get("turns", ())),
        thesis=state.get("thesis"),
        plan=state.get("plan"),
        opinions=tuple(state.get("opinions", ())),
        abstentions=tuple(state.get("absences", ())),
    )
