"""How a router's answer becomes weights of experts, and their positions become one."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ...agents.context import AgentContext
from ...domain.deliberation_outputs import ExpertScore, ExpertScores, ExpertWeights, PositionView, RegimeScores
from ...tools.signals.routing import (
    RoutingRule,
    RoutingWeights,
    route_by_scores,
    route_by_weights,
    softmax,
    tilted_softmax,
)

SIGNAL_PREFIX = "sig."


class Regime(StrEnum):
    """The regimes of the market that a router scores."""

    UP = "up"
    DOWN = "down"
    SIDEWAYS = "sideways"


class WeightRule(StrEnum):
    """How experts get their weights."""

    SOFTMAX = "softmax"
    ONE_HOT = "one_hot"
    STATED = "stated"
    STATIC = "static"


Tilts = Mapping[Regime, Mapping[str, float]]


def expert_weights(
    answer: ExpertScores | None, experts: Sequence[str], rule: WeightRule, static: Mapping[str, float], tilts: Tilts
) -> RoutingWeights:
    """Return the weights of the experts; the static weights, with the reason, if the answer is absent or invalid.

    `softmax` gives softmax(log static + score + tilt), with the tilt of an expert sum_r p_r tilt_r and p the softmax of
    the regimes' scores: MM-DREX, where log static are learned constants. Raises ValueError for invalid static weights.
    """
    base = dict(static) or dict.fromkeys(experts, 1.0)
    fixed = route_by_weights(base, experts)
    if rule is WeightRule.STATIC:
        return fixed
    if answer is None:
        return RoutingWeights(fixed.weights, "the router has abstained")
    scores = {each.expert: each.score for each in answer.scores}
    if rule is WeightRule.STATED:
        return route_by_weights(scores, experts, base)
    checked = route_by_scores(scores, experts, RoutingRule.ONE_HOT, base)
    if rule is WeightRule.ONE_HOT or checked.fallback:
        return checked
    return RoutingWeights(tilted_softmax(fixed.weights, _tilted(scores, answer, tilts)))


def _tilted(scores: Mapping[str, float], answer: ExpertScores, tilts: Tilts) -> dict[str, float]:
    if not isinstance(answer, RegimeScores):
        return dict(scores)
    prior = softmax({Regime.UP: answer.up, Regime.DOWN: answer.down, Regime.SIDEWAYS: answer.sideways})
    return {
        name: score + sum(prior[regime] * tilts.get(regime, {}).get(name, 0.0) for regime in Regime)
        for name, score in scores.items()
    }


def stated_weights(routed: RoutingWeights, evidence: tuple[str, ...]) -> ExpertWeights:
    """Return the weights as a contribution."""
    return ExpertWeights(
        weights=tuple(ExpertScore(expert=name, score=weight) for name, weight in routed.weights.items()),
        fallback=routed.fallback,
        evidence=evidence,
    )


def positions_of(context: AgentContext, experts: Sequence[str]) -> dict[str, float | None]:
    """Return the position of every expert: what a role said, or the value of a signal; None without one."""
    said = {author: view.position for author, view in context.outputs(PositionView)}
    return {name: said.get(name, context.value(f"{SIGNAL_PREFIX}{name}")) for name in experts}
