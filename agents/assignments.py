"""The assignments of the kinds of roles whose answers a topology reads."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.deliberation_outputs import (
    ExpertScores,
    FactTable,
    Forecast,
    MixWeight,
    NewsFactors,
    PeriodStrategy,
    PositionView,
    RegimeScores,
)
from ..domain.errors import InvalidOutput
from ..domain.remarks import NewsScore, RationaleScore, StyleChoice
from .assignment import Assignment
from .rules import contributors, remarks

MOST_EXPLANATION_WORDS, MOST_FACTOR_WORDS = 350, 70


def regime_router(experts: Sequence[str]) -> Assignment[RegimeScores]:
    """Return the assignment of a router that scores the regimes of the market and the experts."""
    return Assignment(
        "router",
        RegimeScores,
        contributors.regime_scores(experts),
        lambda answer: check_regimes(answer, experts),
        f"Score the regimes up, down and sideways, and every expert: {', '.join(experts)}. A score is any number; only "
        "differences count, and equal scores mean that you see none.",
    )


def score_router(experts: Sequence[str]) -> Assignment[ExpertScores]:
    """Return the assignment of a router whose highest score chooses one expert."""
    return Assignment(
        "router",
        ExpertScores,
        contributors.expert_scores(experts),
        lambda answer: check_scores(answer, experts),
        f"Score every expert: {', '.join(experts)}. The expert with the highest score decides alone.",
    )


def weight_router(experts: Sequence[str]) -> Assignment[ExpertScores]:
    """Return the assignment of a router that states the weights of the experts itself."""
    rule = contributors.expert_scores(experts)

    def weights(context: Any) -> Any:
        scored = rule(context)
        if not isinstance(scored, ExpertScores):
            return scored
        positive = [each.model_copy(update={"score": math.exp(each.score)}) for each in scored.scores]
        return scored.model_copy(update={"scores": tuple(positive)})

    return Assignment(
        "router",
        ExpertScores,
        weights,
        lambda answer: check_weights(answer, experts),
        f"Give every expert a weight of 0 or more as its score: {', '.join(experts)}. They are divided by their sum.",
    )


def check_scores(answer: ExpertScores, experts: Sequence[str]) -> None:
    """Raise InvalidOutput unless every expert has exactly one finite score."""
    names = [each.expert for each in answer.scores]
    if sorted(names) != sorted(experts):
        raise InvalidOutput(f"score each expert once: {', '.join(experts)}; not {', '.join(names)[:200]}")
    _check_finite({each.expert: each.score for each in answer.scores})


def check_weights(answer: ExpertScores, experts: Sequence[str]) -> None:
    """Raise InvalidOutput unless every expert has exactly one weight, none is negative and one is positive."""
    check_scores(answer, experts)
    if negative := [each for each in answer.scores if each.score < 0]:
        raise InvalidOutput(f"the weight of {negative[0].expert} is negative: {negative[0].score:g}; give 0 or more")
    if not any(each.score for each in answer.scores):
        raise InvalidOutput("all weights are 0; give at least one expert a weight above 0")


def check_regimes(answer: RegimeScores, experts: Sequence[str]) -> None:
    """Raise InvalidOutput unless all regimes and all experts have finite scores."""
    _check_finite({"up": answer.up, "down": answer.down, "sideways": answer.sideways})
    check_scores(answer, experts)


def _check_finite(values: Mapping[str, float]) -> None:
    if wrong := [name for name, value in values.items() if not math.isfinite(value)]:
        raise InvalidOutput(f"the score of {wrong[0]} is {values[wrong[0]]}; give a finite number")


def _check_strategy(answer: PeriodStrategy) -> None:
    if (words := len(answer.explanation.split())) > MOST_EXPLANATION_WORDS:
        raise InvalidOutput(f"the explanation has {words} words; at most {MOST_EXPLANATION_WORDS} are allowed")


def _check_factors(answer: NewsFactors) -> None:
    for each in answer.factors:
        if (words := len(each.factor.split())) > MOST_FACTOR_WORDS:
            raise InvalidOutput(f"a factor has {words} words; at most {MOST_FACTOR_WORDS} are allowed")


ASSIGNMENTS: Mapping[str, Assignment[Any]] = {
    each.kind: each
    for each in (
        Assignment("expert", PositionView, contributors.position),
        Assignment("head", PositionView, contributors.position),
        Assignment("chief", MixWeight, contributors.mix_weight),
        Assignment("strategist", PeriodStrategy, contributors.strategy, _check_strategy),
        Assignment("masked_news", NewsFactors, contributors.news_factors, _check_factors),
        Assignment("facts", FactTable, contributors.fact_table),
        Assignment("forecaster", Forecast, contributors.forecast),
        Assignment("style", StyleChoice, remarks.style_by_volatility),
        Assignment("scorer", NewsScore, remarks.news_score),
        Assignment("reviewer", RationaleScore, remarks.rationale_score),
    )
}
"""The assignments that are the same at every desk, by the kind of role."""
