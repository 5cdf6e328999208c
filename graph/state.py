"""What a run of the graph has so far. Small, typed, and all that a checkpoint holds."""

from dataclasses import dataclass, replace
from typing import Annotated, TypedDict

from ..agents.case import Case, Missing
from ..domain.abstention import Abstention
from ..domain.answers import OrderPlan, RiskReview, Thesis
from ..domain.brief import Brief
from ..domain.decision import Recalled, RiskVoiceOpinion, RoleReport, Turn
from ..domain.evidence import Evidence


def _append(left: tuple[object, ...], right: tuple[object, ...]) -> tuple[object, ...]:
    return (*left, *right)


def _merge(left: tuple[Evidence, ...], right: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple({item.id: item for item in (*left, *right)}.values())


def _recall(left: tuple[Recalled, ...], right: tuple[Recalled, ...]) -> tuple[Recalled, ...]:
    """Keep each memory once, as it was first shown, with everyone it was shown to."""
    merged = {item.memory_id: item for item in left}
    for item in right:
        known = merged.get(item.memory_id)
        merged[item.memory_id] = replace(known, roles=(*known.roles, *item.roles)) if known else item
    return tuple(merged.values())


class State(TypedDict, total=False):
    """The channels. Parallel members append; what only one member writes is replaced."""

    evidence: Annotated[tuple[Evidence, ...], _merge]
    missing: Annotated[tuple[Missing, ...], _append]
    reports: Annotated[tuple[RoleReport, ...], _append]
    turns: Annotated[tuple[Turn, ...], _append]
    opinions: Annotated[tuple[RiskVoiceOpinion, ...], _append]
    absences: Annotated[tuple[Abstention, ...], _append]
    recalled: Annotated[tuple[Recalled, ...], _recall]
    rounds_heard: int
    thesis: Thesis | None
    plan: OrderPlan | None
    review: RiskReview | None


@dataclass(frozen=True, slots=True)
class Deliberation:
    """The value that a run of the graph ends in; None where a member of the desk gave no view."""

    case: Case
    review: RiskReview | None
    recalled: tuple[Recalled, ...] = ()


def case_of(state: State, brief: Brief) -> Case:
    """Return what lies before the bench; a checkpoint's lists become tuples again."""
    return Case(
        brief=brief,
        evidence=tuple(state.get("evidence", ())),
        missing=tuple(state.get("missing", ())),
        reports=tuple(state.get("reports", ())),
        turns=tuple(state.get("turns", ())),
        thesis=state.get("thesis"),
        plan=state.get("plan"),
        opinions=tuple(state.get("opinions", ())),
        absences=tuple(state.get("absences", ())),
    )
