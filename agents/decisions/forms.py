"""The forms of decisions about one symbol: rating, direction, exposure, ratio and research note."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...domain.abstention import Abstention
from ...domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    RatingDecision,
    RatioDecision,
    ResearchNote,
    ResearchSection,
)
from ...domain.errors import InvalidOutput
from ...domain.outputs import Rating, SingleAgentOutput, Thesis
from ...domain.proposal import DecisionKind, Direction
from ...domain.resting_outputs import ANSWER_CLASSES
from ..context import AgentContext
from ..order_policy import OrderPolicy
from ..rules.research_manager import HOLD_BAND
from ..rules.trader import plan_orders
from ..single_agent import sizes, split_output
from ..trader import asked_for, check_plan
from .form import DecisionForm, view_fields, view_form

THREE_STEPS = (Rating.BUY, Rating.HOLD, Rating.SELL)
RULE_REWARD_TO_RISK = Decimal("1.5")
"""Reward to risk of a direction that a rule gives, unless the desk file's range excludes it."""


@dataclass(frozen=True, slots=True)
class FormSettings:
    """What a desk file says about the form of its decision.

    Attributes:
        horizon: sessions that every view is about; None leaves them to the agent.
        forced: whether a direction must be long or short.
        scale: steps of the rating, 3 or 5.
        reward_to_risk: smallest and largest reward to risk of a direction; None asks for none.
    """

    horizon: int | None = None
    forced: bool = False
    scale: int = 5
    reward_to_risk: tuple[Decimal, Decimal] | None = None

    @property
    def horizon_text(self) -> str:
        """Return the instruction about the horizon."""
        return "" if self.horizon is None else f" The view is about the next {self.horizon} sessions."


def rating_form(settings: FormSettings) -> DecisionForm[RatingDecision]:
    """Return the form of a rating on three or five steps."""
    steps = THREE_STEPS if settings.scale == len(THREE_STEPS) else tuple(Rating)

    def by_rule(thesis: Thesis, _: AgentContext) -> RatingDecision:
        rating = thesis.rating if settings.scale != len(THREE_STEPS) else _in_three_steps(thesis.rating)
        return RatingDecision(rating=rating, conviction=thesis.conviction, **_view(thesis, settings))

    def check(answer: RatingDecision, _: AgentContext) -> None:
        if answer.rating not in steps:
            raise InvalidOutput(f"rating {answer.rating} is not on this desk's scale: {', '.join(steps)}")

    return view_form(
        RatingDecision,
        by_rule,
        lambda answer: answer.conviction,
        f"Rate on the scale {', '.join(steps)}.{settings.horizon_text}",
        check,
    )


def direction_form(settings: FormSettings) -> DecisionForm[DirectionDecision]:
    """Return the form of a direction; with `forced`, flat and keep are refused."""

    def by_rule(thesis: Thesis, _: AgentContext) -> DirectionDecision:
        sided = settings.forced or abs(thesis.conviction) >= HOLD_BAND
        side = Direction.LONG if thesis.conviction >= 0 else Direction.SHORT
        return DirectionDecision(
            direction=side if sided else Direction.KEEP,
            confidence=round((1 + abs(thesis.conviction)) / 2, 4),
            reward_to_risk=_rule_reward(settings),
            stop=None,
            **_view(thesis, settings),
        )

    def check(answer: DirectionDecision, _: AgentContext) -> None:
        if settings.forced and not answer.direction.sign:
            raise InvalidOutput(f"direction {answer.direction} is not allowed at this desk; choose long or short")
        _check_reward(answer, settings)

    return view_form(DirectionDecision, by_rule, direction_conviction, _direction_instructions(settings), check)


CONVICTION_DIGITS = 4
SMALLEST_CONVICTION = 0.01
"""Conviction of a side whose confidence is one half or less: the side was chosen, but without strength."""


def direction_conviction(answer: DirectionDecision) -> float:
    """Return the signed conviction of a direction; 0 for flat and keep."""
    strength = round(2 * answer.confidence - 1, CONVICTION_DIGITS)
    return answer.direction.sign * max(strength, SMALLEST_CONVICTION)


def exposure_form(settings: FormSettings) -> DecisionForm[ExposureDecision]:
    """Return the form of an exposure."""
    return view_form(
        ExposureDecision,
        lambda thesis, _: ExposureDecision(exposure=thesis.conviction, **_view(thesis, settings)),
        lambda answer: answer.exposure,
        f"Give the exposure from -1 to 1.{settings.horizon_text}",
    )


def ratio_form(settings: FormSettings) -> DecisionForm[RatioDecision]:
    """Return the form of a share of equity; it cannot be short."""
    return view_form(
        RatioDecision,
        lambda thesis, _: RatioDecision(ratio=max(thesis.conviction, 0.0), **_view(thesis, settings)),
        lambda answer: answer.ratio,
        f"Give the share of equity from 0 to 1.{settings.horizon_text}",
    )


def report_form(settings: FormSettings) -> DecisionForm[ResearchNote]:
    """Return the form of a research note, which asks for no orders."""

    def by_rule(thesis: Thesis, context: AgentContext) -> ResearchNote:
        sections = tuple(
            ResearchSection(title=each.role, text=each.report.summary, evidence=each.report.evidence)
            for each in context.reports
        ) or (ResearchSection(title="thesis", text=thesis.summary, evidence=thesis.evidence),)
        return ResearchNote(rating=thesis.rating, fair_value=None, sections=sections, **_view(thesis, settings))

    return view_form(
        ResearchNote, by_rule, lambda answer: 0.5 * answer.rating.sign, f"Write a research note.{settings.horizon_text}"
    )


def orders_form(order_policy: OrderPolicy) -> DecisionForm[SingleAgentOutput]:
    """Return the form of a thesis with typed orders."""

    def by_rule(thesis: Thesis, context: AgentContext) -> SingleAgentOutput | Abstention:
        plan = plan_orders(context, thesis, order_policy)
        if isinstance(plan, Abstention):
            return plan
        return SingleAgentOutput(
            **thesis.model_dump(), orders=plan.orders, rationale=plan.rationale, resting=plan.resting
        )

    return DecisionForm(
        output=lambda context: ANSWER_CLASSES[asked_for(context)],
        by_rule=by_rule,
        contributions=split_output,
        check=lambda answer, context: check_plan(split_output(answer)[1], context, order_policy),
        instructions=lambda context: (
            f"Write a thesis and orders. Computed size by conviction: {sizes(context, order_policy)}"
        ),
    )


FORMS: Mapping[DecisionKind, Any] = {
    DecisionKind.RATING: rating_form,
    DecisionKind.DIRECTION: direction_form,
    DecisionKind.EXPOSURE: exposure_form,
    DecisionKind.RATIO: ratio_form,
    DecisionKind.REPORT: report_form,
}
"""The functions that return the form of each kind for the settings of a desk."""


def _view(thesis: Thesis, settings: FormSettings) -> Mapping[str, Any]:
    return view_fields(thesis, settings.horizon)


def _in_three_steps(rating: Rating) -> Rating:
    return {1: Rating.BUY, 0: Rating.HOLD, -1: Rating.SELL}[rating.sign]


def _rule_reward(settings: FormSettings) -> Decimal | None:
    if settings.reward_to_risk is None:
        return None
    low, high = settings.reward_to_risk
    return min(max(RULE_REWARD_TO_RISK, low), high)


def _check_reward(answer: DirectionDecision, settings: FormSettings) -> None:
    if settings.reward_to_risk is None or not answer.direction.sign:
        return
    low, high = settings.reward_to_risk
    if answer.reward_to_risk is None or not low <= answer.reward_to_risk <= high:
        raise InvalidOutput(f"reward_to_risk is {answer.reward_to_risk}; this desk asks for {low} to {high}")


def _direction_instructions(settings: FormSettings) -> str:
    sides = "long or short" if settings.forced else "long, short, flat or keep"
    reward = ""
    if settings.reward_to_risk is not None:
        reward = f" Give a reward to risk from {settings.reward_to_risk[0]} to {settings.reward_to_risk[1]}."
    return f"Choose {sides}.{reward}{settings.horizon_text}"
