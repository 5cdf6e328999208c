"""Decisions that a topology computes from a number, without an agent that decides."""

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision_outputs import DirectionDecision, ExposureDecision, JudgedView, RatingDecision
from ...domain.ids import EvidenceId
from ...domain.outputs import Rating, StructuredOutput
from ...domain.proposal import DecisionKind, Direction
from ..rules.research_manager import HORIZON_SESSIONS, rate
from .form import thesis_of
from .forms import FormSettings, direction_conviction, rule_reward

COMPUTED_KINDS = frozenset({DecisionKind.EXPOSURE, DecisionKind.DIRECTION, DecisionKind.RATING})
DIGITS = 4
INVALIDATION = "A change of the positions or probabilities that it was computed from."


def computed_decision(
    author: str,
    kind: DecisionKind,
    value: float,
    settings: FormSettings,
    *,
    summary: str,
    evidence: tuple[EvidenceId, ...],
) -> tuple[StructuredOutput, ...] | Abstention:
    """Return the thesis and the decision of `value`, from -1 (short) to 1 (long); 0 is flat.

    A desk that must take a side abstains as `author` if the value is 0. Raises ValueError for a kind that is not among
    COMPUTED_KINDS.
    """
    value = round(value, DIGITS)
    view = {
        "horizon_sessions": settings.horizon or HORIZON_SESSIONS,
        "summary": summary,
        "invalidation": INVALIDATION,
        "evidence": evidence,
    }
    if kind is DecisionKind.EXPOSURE:
        return _with_thesis(ExposureDecision(exposure=value, **view), value)
    if kind is DecisionKind.RATING:
        return _with_thesis(RatingDecision(rating=_rating(value, settings.scale), conviction=value, **view), value)
    if kind is not DecisionKind.DIRECTION:
        raise ValueError(f"a decision of kind {kind} cannot be computed")
    if not value and settings.forced:
        return Abstention(author, AbstentionCause.INCOMPLETE, "the desk must take a side, and its view is 0")
    side = Direction.LONG if value > 0 else Direction.SHORT if value < 0 else Direction.FLAT
    confidence = round((1 + abs(value)) / 2, DIGITS)
    decided = DirectionDecision(
        direction=side, confidence=confidence, reward_to_risk=rule_reward(settings), stop=None, **view
    )
    return _with_thesis(decided, direction_conviction(decided))


def _with_thesis(decided: JudgedView, conviction: float) -> tuple[StructuredOutput, ...]:
    return thesis_of(decided, conviction), decided


def _rating(value: float, scale: int) -> Rating:
    step = rate(value)
    return step if scale == len(Rating) else {1: Rating.BUY, 0: Rating.HOLD, -1: Rating.SELL}[step.sign]
