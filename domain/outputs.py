"""The structured outputs of agents: frozen, without extra fields, and flat.

The classes are both the output schema of a language model and the return values of rules. Numeric ranges are validated
here. The roles validate what depends on the context, such as citations and price levels.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from .ids import EvidenceId, LotId
from .orders import (
    Action,
    OrderClass,
    OrderType,
    RestingAction,
    TimeInForce,
)

HOLD_CONVICTION_LIMIT = 0.25
"""Largest absolute conviction of a hold."""

Text = Annotated[str, Field(min_length=1)]
Citations = Annotated[tuple[EvidenceId, ...], Field(description="ids of evidence in the case, and no others")]
Lots = Annotated[
    tuple[Annotated[LotId, Field(max_length=200)], ...], Field(description="ids of the lots to close first")
]
Proportion = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
SignedProportion = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False), WithJsonSchema({"type": "number"})]


class Stance(StrEnum):
    """Which way a report leans."""

    BULLISH = "bullish"
    NEUTRAL = "neutral"
    BEARISH = "bearish"

    @property
    def sign(self) -> int:
        """Return +1, 0 or -1."""
        return {Stance.BULLISH: 1, Stance.NEUTRAL: 0, Stance.BEARISH: -1}[self]


class Rating(StrEnum):
    """The five steps of a judged view."""

    BUY = "buy"
    OVERWEIGHT = "overweight"
    HOLD = "hold"
    UNDERWEIGHT = "underweight"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return +1 for buy and overweight, -1 for underweight and sell, 0 for hold."""
        return {Rating.BUY: 1, Rating.OVERWEIGHT: 1, Rating.HOLD: 0}.get(self, -1)


class Verdict(StrEnum):
    """What the risk committee may do with a plan; nothing enlarges it."""

    APPROVE = "approve"
    SHRINK = "shrink"
    VETO = "veto"


class StructuredOutput(BaseModel):
    """The shape that all answers share."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, defer_build=True)

    def contradictions(self) -> tuple[str, ...]:
        """Return in words where the output contradicts itself.

        It is checked when a model's answer is read, not by validation: stored records of earlier versions stay valid.
        """
        return ()


class Report(StructuredOutput):
    """An analyst's product. `confidence` is the probability, 0 to 1, that the stance is right."""

    schema_name: ClassVar[str] = "Report"

    summary: Text
    stance: Stance
    confidence: Proportion
    evidence: Citations

    def contradictions(self) -> tuple[str, ...]:
        """Name a stance with a direction that is certainly wrong."""
        if self.stance is not Stance.NEUTRAL and self.confidence == 0:
            return (f"stance {self.stance} contradicts a confidence of 0; without any confidence it is neutral",)
        return ()


class Argument(StructuredOutput):
    """One turn of the debate."""

    schema_name: ClassVar[str] = "Argument"

    claim: Text
    evidence: Citations


NOT_ARGUED = "Not argued separately."
"""Both cases of a thesis that a single agent or a computation has written."""


class Thesis(StructuredOutput):
    """The judged view. `conviction` runs from -1 (short, certain) to 1 (long, certain); the horizon is in sessions."""

    schema_name: ClassVar[str] = "Thesis"

    rating: Rating
    conviction: SignedProportion
    horizon_sessions: Annotated[int, Field(ge=1, le=252)]
    summary: Text
    bull_case: Text
    bear_case: Text
    invalidation: Text
    evidence: Citations

    @model_validator(mode="after")
    def _rating_agrees(self) -> Self:
        held = self.rating is Rating.HOLD
        if (held and abs(self.conviction) > HOLD_CONVICTION_LIMIT) or (
            not held and self.rating.sign * self.conviction <= 0
        ):
            raise ValueError(f"rating {self.rating} contradicts a conviction of {self.conviction}")
        return self

    @property
    def argued(self) -> bool:
        """Return whether the cases of the two sides were argued."""
        return (self.bull_case, self.bear_case) != (NOT_ARGUED, NOT_ARGUED)


class PlannedOrder(StructuredOutput):
    """An order as a trader writes it. Prices in quote currency a share, raw as traded; absent levels are null."""

    schema_name: ClassVar[str] = "PlannedOrder"

    # This is a comment because docstrings are sent to models. Fields with a default were added after answers had been
    # recorded. The schema requires `stop_loss_trail` nevertheless, and `lots` in PlannedOrderWithLots.
    action: Action
    quantity: Positive
    type: OrderType
    limit_price: Positive | None
    stop_price: Positive | None
    trail: Positive | None
    time_in_force: TimeInForce
    order_class: OrderClass
    take_profit_limit: Positive | None
    stop_loss_stop: Positive | None
    stop_loss_limit: Positive | None
    stop_loss_trail: Positive | None = None
    rationale: Text
    evidence: Citations
    lots: SkipJsonSchema[Lots] = ()


class PlannedOrderWithLots(PlannedOrder):
    """An order as a trader writes it. Prices in quote currency a share, raw as traded; absent levels are null."""

    schema_name: ClassVar[str] = "LotOrder"

    lots: Lots = ()


RESTING_LABELS = tuple(f"R{number}" for number in range(1, 21))
"""The labels that the schema of an answer offers; resting orders beyond them are kept by default."""
RestingLabel = Annotated[str, Field(min_length=1), WithJsonSchema({"type": "string", "enum": list(RESTING_LABELS)})]


class RestingInstruction(StructuredOutput):
    """What to do with one resting order. `order` is its label in the account, such as R1."""

    schema_name: ClassVar[str] = "RestingInstruction"

    order: RestingLabel
    action: RestingAction


RestingInstructions = Annotated[
    tuple[RestingInstruction, ...], Field(description="one item for each resting order to keep, replace or cancel")
]


class OrderPlan(StructuredOutput):
    """The trader's orders; an empty list is deliberate inaction, and `rationale` says why."""

    schema_name: ClassVar[str] = "OrderPlan"

    # `resting` is None in plans that say nothing about resting orders: rules, and answers recorded before the field.

    orders: tuple[PlannedOrder, ...]
    rationale: Text
    resting: SkipJsonSchema[RestingInstructions | None] = None

    def contradictions(self) -> tuple[str, ...]:
        """Name a plan that opens positions in both directions."""
        return opposed_openings(self.orders)


class OrderPlanWithLots(OrderPlan):
    """The trader's orders; an empty list is deliberate inaction, and `rationale` says why."""

    schema_name: ClassVar[str] = "LotPlan"

    # The trader's output for an account that supports specific lots and holds some.

    orders: tuple[PlannedOrderWithLots, ...]


class RiskOpinion(StructuredOutput):
    """A voice on a plan. `scale` is the share of every quantity to let through, 0 to 1, and counts only for shrink."""

    schema_name: ClassVar[str] = "RiskOpinion"

    verdict: Verdict
    scale: Proportion
    reason: Text
    evidence: Citations

    def contradictions(self) -> tuple[str, ...]:
        """Name a scale that says something else than the verdict."""
        agrees = {Verdict.APPROVE: self.scale == 1, Verdict.VETO: self.scale == 0, Verdict.SHRINK: 0 < self.scale < 1}
        if agrees[self.verdict]:
            return ()
        expected = "approve goes with 1, veto with 0, and shrink with a scale between them"
        return (f"verdict {self.verdict} contradicts a scale of {self.scale:g}: {expected}",)

    @property
    def allowed(self) -> Decimal:
        """Return the allowed share of the planned quantities: 1, `scale`, or 0."""
        if self.verdict is Verdict.SHRINK:
            return Decimal(str(self.scale))
        return Decimal(1) if self.verdict is Verdict.APPROVE else Decimal(0)


class RiskReview(RiskOpinion):
    """The chair's last word on a plan, after all voices."""

    schema_name: ClassVar[str] = "RiskReview"


class Lesson(StructuredOutput):
    """What the desk takes from an outcome."""

    schema_name: ClassVar[str] = "Lesson"

    lesson: Text


class SingleAgentOutput(Thesis):
    """Everything that a one-agent desk says: a thesis and the orders for it."""

    schema_name: ClassVar[str] = "SoloAnswer"

    orders: tuple[PlannedOrder, ...]
    rationale: Text
    resting: SkipJsonSchema[RestingInstructions | None] = None

    def contradictions(self) -> tuple[str, ...]:
        """Name orders that open positions in both directions, or against the rating."""
        return opposed_openings(self.orders) + rating_conflicts(self.rating, self.orders)


class SingleAgentOutputWithLots(SingleAgentOutput):
    """Everything that a one-agent desk says: a thesis and the orders for it."""

    schema_name: ClassVar[str] = "SoloLotAnswer"

    orders: tuple[PlannedOrderWithLots, ...]


def opposed_openings(orders: Sequence[PlannedOrder]) -> tuple[str, ...]:
    """Return in words that orders open a long and a short position at once; empty where they do not."""
    if {Action.BUY, Action.SHORT} <= {order.action for order in orders}:
        return ("the plan buys and shorts the same instrument",)
    return ()


def rating_conflicts(rating: Rating, orders: Sequence[PlannedOrder]) -> tuple[str, ...]:
    """Return in words which orders open a position that `rating` speaks against; orders that close agree with any."""
    return tuple(
        f"order {place} contradicts the rating: {order.action} opens a position, and the rating is {rating}"
        for place, order in enumerate(orders, start=1)
        if order.action.opens and order.action.sign != rating.sign
    )
