"""Counting decisions: the majority of directions, the median of ratings, the mean of exposures and ratios."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median_low
from typing import Any

from ...domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    JudgedView,
    RatingDecision,
    RatioDecision,
)
from ...domain.outputs import Rating, StructuredOutput
from ...domain.proposal import DecisionKind
from ..rules.research_manager import rate
from .form import thesis_of
from .forms import direction_conviction

VOTED_KINDS = frozenset({DecisionKind.RATING, DecisionKind.DIRECTION, DecisionKind.EXPOSURE, DecisionKind.RATIO})
DIGITS = 4
MOST_SUMMARIES, SUMMARY_CHARACTERS = 5, 400


def count_ballots(ballots: Sequence[JudgedView]) -> tuple[StructuredOutput, ...] | None:
    """Return the thesis and the decision of the ballots, all of one kind; None if directions are tied.

    Directions: the one with most ballots, with the mean confidence of those. Ratings: the step of the mean conviction.
    Exposures and ratios: the mean.
    """
    first = ballots[0]
    match first:
        case DirectionDecision():
            return _majority([ballot for ballot in ballots if isinstance(ballot, DirectionDecision)])
        case RatingDecision():
            conviction = _mean([ballot.conviction for ballot in ballots if isinstance(ballot, RatingDecision)])
            decided: JudgedView = RatingDecision(
                rating=_step(conviction, ballots), conviction=conviction, **_joint(ballots)
            )
        case ExposureDecision():
            conviction = _mean([ballot.exposure for ballot in ballots if isinstance(ballot, ExposureDecision)])
            decided = ExposureDecision(exposure=conviction, **_joint(ballots))
        case RatioDecision():
            conviction = _mean([ballot.ratio for ballot in ballots if isinstance(ballot, RatioDecision)])
            decided = RatioDecision(ratio=conviction, **_joint(ballots))
        case _:
            raise TypeError(f"{type(first).__name__} cannot be counted")
    return thesis_of(decided, conviction), decided


def _majority(ballots: Sequence[DirectionDecision]) -> tuple[StructuredOutput, ...] | None:
    (side, most), *others = Counter(ballot.direction for ballot in ballots).most_common()
    if others and others[0][1] == most:
        return None
    agreeing = [ballot for ballot in ballots if ballot.direction is side]
    decided = agreeing[0].model_copy(
        update={"confidence": _mean([ballot.confidence for ballot in agreeing]), **_joint(agreeing)}
    )
    return thesis_of(decided, direction_conviction(decided)), decided


def _step(conviction: float, ballots: Sequence[JudgedView]) -> Rating:
    """Return the step of a conviction; where all ballots are on three steps, one of those three."""
    step = rate(conviction)
    used = {ballot.rating for ballot in ballots if isinstance(ballot, RatingDecision)}
    if used <= {Rating.BUY, Rating.HOLD, Rating.SELL}:
        return {1: Rating.BUY, 0: Rating.HOLD, -1: Rating.SELL}[step.sign]
    return step


def _joint(ballots: Sequence[JudgedView]) -> dict[str, Any]:
    said = list(dict.fromkeys(ballot.summary[:SUMMARY_CHARACTERS] for ballot in ballots))[:MOST_SUMMARIES]
    return {
        "horizon_sessions": median_low(ballot.horizon_sessions for ballot in ballots),
        "summary": " / ".join(said),
        "invalidation": ballots[0].invalidation,
        "evidence": tuple(dict.fromkeys(name for ballot in ballots for name in ballot.evidence)),
    }


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), DIGITS)
