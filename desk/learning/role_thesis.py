"""The view of one role as the thesis that the role's own memory keeps."""

from dataclasses import replace

from ...agents.context import AgentContext
from ...agents.decisions.form import thesis_of
from ...agents.decisions.forms import direction_conviction
from ...domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    JudgedView,
    RatingDecision,
    RatioDecision,
)
from ...domain.outputs import Thesis


def as_seen_by(role: str, context: AgentContext) -> AgentContext:
    """Return the context with the contributions of one role, and with its last decision as the thesis."""
    own = replace(context, contributions=tuple(made for made in context.contributions if made.author == role))
    decided = own.latest(JudgedView)
    if own.thesis is not None or decided is None:
        return own
    thesis = _thesis(decided)
    return own if thesis is None else own.with_outputs(role, thesis)


def _thesis(decided: JudgedView) -> Thesis | None:
    match decided:
        case RatingDecision(conviction=conviction):
            return thesis_of(decided, conviction)
        case DirectionDecision():
            return thesis_of(decided, direction_conviction(decided))
        case ExposureDecision(exposure=exposure):
            return thesis_of(decided, exposure)
        case RatioDecision(ratio=ratio):
            return thesis_of(decided, ratio)
    return None
