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
    SectionedRating,
)
from ...domain.errors import InvalidOutput
from ...domain.orders import TimeInForce
from ...domain.outputs import Rating, SingleAgentOutput, Thesis
from ...domain.proposal import DecisionKind, Direction
from ...domain.resting_outputs import ANSWER_CLASSES
from ..context import AgentContext
from ..order_policy import OrderPolicy
from ..rules.research_manager import HOLD_BAND, STRONG
from ..rules.trader import plan_orders
from ..single_agent import sizes, split_output
from ..trader import asked_for, check_plan
from .form import DecisionForm, thesis_of, view_fields, view_form
from .quoted_thesis import check_quotes, quoted_thesis

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
        sections: fewest and most sections of a rating's thesis; None asks for none.
    """

    horizon: int | None = None
    forced: bool = False
    scale: int = 5
    reward_to_risk: tuple[Decimal, Decimal] | None = None
    sections: tuple[int, int] | None = None

    @property
    def horizon_text(self) -> str:
        """Return the instruction about the horizon."""
        return "" if self.horizon is None else f" The view is about the next {self.horizon} sessions."


def rating_form(settings: FormSettings) -> DecisionForm[RatingDecision] | DecisionForm[SectionedRating]:
    """Return the form of a rating on three or five steps, with a thesis in sections if the desk file asks for it."""
    if settings.sections is not None:
        return _sectioned_form(settings, settings.sections)

    def by_rule(thesis: Thesis, _: AgentContext) -> RatingDecision:
        rating = _on_scale(thesis.rating, settings)
        return RatingDecision(rating=rating, conviction=thesis.conviction, **_view(thesis, settings))

    return view_form(
        RatingDecision,
        by_rule,
        lambda answer: answer.conviction,
        f"Rate on the scale {', '.join(_steps(settings))}.{settings.horizon_text}",
        lambda answer, _: _check_scale(answer, settings),
    )


def _sectioned_form(settings: FormSettings, sections: tuple[int, int]) -> DecisionForm[SectionedRating]:
    """Return the form of a rating whose thesis has sections of quoted evidence."""

    def by_rule(thesis: Thesis, context: AgentContext) -> SectionedRating | Abstention:
        rated = thesis.model_copy(update={"rating": _on_scale(thesis.rating, settings)})
        return quoted_thesis(rated, context, sections, settings.horizon)

    def check(answer: SectionedRating, context: AgentContext) -> None:
        _check_scale(answer, settings)
        check_quotes(answer, context, sections)

    return DecisionForm(
        lambda _: SectionedRating,
        by_rule,
        lambda answer: (thesis_of(answer, answer.conviction), answer),
        check,
        lambda _: (
            f"Rate on the scale {', '.join(_steps(settings))}, after a thesis of {sections[0]} to {sections[1]} "
            f"sections.{settings.horizon_text}"
        ),
    )


def _steps(settings: FormSettings) -> tuple[Rating, ...]:
    return THREE_STEPS if settings.scale == len(THREE_STEPS) else tuple(Rating)


def _on_scale(rating: Rating, settings: FormSettings) -> Rating:
    return rating if settings.scale != len(THREE_STEPS) else _in_three_steps(rating)


def _check_scale(answer: RatingDecision, settings: FormSettings) -> None:
    steps = _steps(settings)
    if answer.rating not in steps:
        raise InvalidOutput(f"rating {answer.rating} is not on this desk's scale: {', '.join(steps)}")


def direction_form(settings: FormSettings) -> DecisionForm[DirectionDecision]:
    """Return the form of a direction; with `forced`, flat and keep are refused."""

    def by_rule(thesis: Thesis, context: AgentContext) -> DirectionDecision:
        band = STRONG if context.brief.risk_directive else HOLD_BAND
        sided = settings.forced or abs(thesis.conviction) >= band
        side = Direction.LONG if thesis.conviction >= 0 else Direction.SHORT
        return DirectionDecision(
            direction=side if sided else Direction.KEEP,
            confidence=round((1 + abs(thesis.conviction)) / 2, 4),
            reward_to_risk=rule_reward(settings),
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


def orders_form(order_policy: OrderPolicy, tif: TimeInForce | None = None) -> DecisionForm[SingleAgentOutput]:
    """Return the form of a thesis with typed orders; `tif` is the only time in force of them, None for any."""
    only = "" if tif is None else f" Every order has the time in force {tif}."

    def by_rule(thesis: Thesis, context: AgentContext) -> SingleAgentOutput | Abstention:
        plan = plan_orders(context, thesis, order_policy)
        if isinstance(plan, Abstention):
            return plan
        orders = plan.orders if tif is None else tuple(o.model_copy(update={"time_in_force": tif}) for o in plan.orders)
        return SingleAgentOutput(**thesis.model_dump(), orders=orders, rationale=plan.rationale, resting=plan.resting)

    def check(answer: SingleAgentOutput, context: AgentContext) -> None:
        check_plan(split_output(answer)[1], context, order_policy)
        if wrong := [each.time_in_force for each in answer.orders if tif is not None and each.time_in_force is not tif]:
            raise InvalidOutput(f"this desk sends {tif} orders only, and one is {wrong[0]}; change its time_in_force")

    return DecisionForm(
        output=lambda context: ANSWER_CLASSES[asked_for(context)],
        by_rule=by_rule,
        contributions=split_output,
        check=check,
        instructions=lambda context: (
            f"Write a thesis and orders.{only} Computed size by conviction: {sizes(context, order_policy)}"
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


def rule_reward(settings: FormSettings) -> Decimal | None:
    """Return the reward to risk of a direction that no model states; None if the desk asks for none."""
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
