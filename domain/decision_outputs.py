"""The outputs of agents that decide in another form than orders: rating, direction, exposure, ratio, research note."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from .ids import EvidenceId
from .outputs import (
    HOLD_CONVICTION_LIMIT,
    Citations,
    Positive,
    Proportion,
    Rating,
    SignedProportion,
    StructuredOutput,
    Text,
)
from .proposal import Direction

HorizonSessions = Annotated[int, Field(ge=1, le=252, description="sessions over which the view should come true")]


class JudgedView(StructuredOutput):
    """A view of one symbol with its reasons."""

    horizon_sessions: HorizonSessions
    summary: Text
    invalidation: Text
    evidence: Citations


class RatingDecision(JudgedView):
    """A rating. `conviction` runs from -1 (short, certain) to 1 (long, certain) and agrees with the rating."""

    schema_name: ClassVar[str] = "RatingDecision"

    rating: Rating
    conviction: SignedProportion

    @model_validator(mode="after")
    def _rating_agrees(self) -> Self:
        held = self.rating is Rating.HOLD
        if (held and abs(self.conviction) > HOLD_CONVICTION_LIMIT) or (
            not held and self.rating.sign * self.conviction <= 0
        ):
            raise ValueError(f"rating {self.rating} contradicts a conviction of {self.conviction}")
        return self


class QuotedPoint(StructuredOutput):
    """An opinion, the words of the evidence that carry it, and the id of that evidence."""

    schema_name: ClassVar[str] = "QuotedPoint"

    opinion: Text
    quote: Text
    source: EvidenceId


class QuotedSection(StructuredOutput):
    """One section of a thesis, in points."""

    schema_name: ClassVar[str] = "QuotedSection"

    title: Text
    points: Annotated[tuple[QuotedPoint, ...], Field(min_length=1, max_length=12)]


class SectionedRating(RatingDecision):
    """A rating with its thesis in sections of quoted points."""

    schema_name: ClassVar[str] = "SectionedRating"

    sections: Annotated[tuple[QuotedSection, ...], Field(min_length=1, max_length=12)]


class DirectionDecision(JudgedView):
    """The side of the position that is wanted: long, short, flat (none), or keep (what is held stays).

    `confidence` is the probability, 0 to 1, that the direction is right; `reward_to_risk` the distance to the target
    over the distance to the stop, null where none is asked for; `stop` the price at which the view is wrong, or null.
    """

    schema_name: ClassVar[str] = "DirectionDecision"

    direction: Direction
    confidence: Proportion
    reward_to_risk: Positive | None
    stop: Positive | None

    def contradictions(self) -> tuple[str, ...]:
        """Name a side that is certainly wrong."""
        if self.direction.sign and self.confidence == 0:
            return (f"direction {self.direction} contradicts a confidence of 0",)
        return ()


class ExposureDecision(JudgedView):
    """The exposure that is wanted, from -1 (the largest short) to 1 (the largest long position)."""

    schema_name: ClassVar[str] = "ExposureDecision"

    exposure: SignedProportion


class RatioDecision(JudgedView):
    """The share of equity that is wanted in the symbol, from 0 to 1."""

    schema_name: ClassVar[str] = "RatioDecision"

    ratio: Proportion


class ResearchSection(StructuredOutput):
    """One section of a research note."""

    schema_name: ClassVar[str] = "ResearchSection"

    title: Text
    text: Text
    evidence: Citations


class ResearchNote(JudgedView):
    """A research note without orders. `fair_value` is the price per share that the valuation leads to, or null."""

    schema_name: ClassVar[str] = "ResearchNote"

    rating: Rating
    fair_value: Positive | None
    sections: Annotated[tuple[ResearchSection, ...], Field(min_length=1, max_length=12)]
