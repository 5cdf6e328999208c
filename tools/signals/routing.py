"""Routing arithmetic: weights of experts from a router's answer, and the position that they add up to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class RoutingRule(StrEnum):
    """How a router's scores become weights of experts."""

    SOFTMAX = "softmax"
    ONE_HOT = "one_hot"


@dataclass(frozen=True, slots=True)
class RoutingWeights:
    """Weights of experts, each at least 0 with sum 1, in the order of the experts.

    `fallback` is the reason why the static weights were used; empty if the router's answer was used.
    """

    weights: Mapping[str, float]
    fallback: str = ""


def softmax(scores: Mapping[str, float], *, temperature: float = 1.0) -> dict[str, float]:
    """Return exp(score / temperature) / sum; raises ValueError without scores, or if one or the temperature is invalid.

    A score must be finite and the temperature positive.
    """
    _check_scores(scores)
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"the temperature must be positive, not {temperature}")
    highest = max(scores.values())
    powers = {name: math.exp((score - highest) / temperature) for name, score in scores.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def one_hot(scores: Mapping[str, float]) -> dict[str, float]:
    """Return 1 for the highest score and 0 for the others; of equal scores, the first one wins.

    Raises ValueError without scores, or if one is not finite.
    """
    _check_scores(scores)
    best = max(scores, key=lambda name: scores[name])
    return {name: float(name == best) for name in scores}


def tilted_softmax(prior: Mapping[str, float], tilts: Mapping[str, float]) -> dict[str, float]:
    """Return softmax(log prior + tilt), so that without tilts the result is the prior (MM-DREX, arXiv 2509.05080).

    Experts with a prior of 0 stay at 0. A missing tilt is 0. Raises ValueError unless the prior is a valid set of
    weights and all tilts are finite.
    """
    problem = _problem(prior, tuple(prior))
    if problem:
        raise ValueError(f"the prior is invalid: {problem}")
    _check_scores({**dict.fromkeys(prior, 0.0), **tilts})
    active = {name: math.log(weight) + tilts.get(name, 0.0) for name, weight in prior.items() if weight > 0}
    return {**dict.fromkeys(prior, 0.0), **softmax(active)}


def route_by_scores(
    scores: Mapping[str, float], experts: Sequence[str], rule: RoutingRule, static: Mapping[str, float] | None = None
) -> RoutingWeights:
    """Return the weights of `experts` by a router's scores; the static weights if the scores are invalid.

    Scores are invalid if they name an unknown expert, name none, or hold one that is not finite. An expert without a
    score has weight 0. `static` are the weights of the fallback; without it all experts are equal.
    """
    problem = _unknown(scores, experts) or _not_finite(scores) or ("" if scores else "there is no score")
    if problem:
        return _static(experts, static, problem)
    weights = softmax(scores) if rule is RoutingRule.SOFTMAX else one_hot(scores)
    return RoutingWeights({name: weights.get(name, 0.0) for name in experts})


def route_by_weights(
    given: Mapping[str, float], experts: Sequence[str], static: Mapping[str, float] | None = None
) -> RoutingWeights:
    """Return a router's own weights divided by their sum; the static weights if they are invalid.

    Weights are invalid if they name an unknown expert, if one is negative or not finite, or if all are 0. An expert
    that is not named has weight 0. `static` are the weights of the fallback; without it all experts are equal.
    """
    problem = _problem(given, experts)
    return _static(experts, static, problem) if problem else RoutingWeights(_normalized(given, experts))


def mix_positions(weights: Mapping[str, float], positions: Mapping[str, float | None]) -> float | None:
    """Return the weighted mean of the experts' positions; None if no expert with a positive weight has a position.

    The weight of an expert without a position is distributed over the others in proportion to their weights. Raises
    ValueError if a weight is negative or not finite, or if a position is not within [-1, 1].
    """
    if problem := _negative(weights) or _not_finite(weights):
        raise ValueError(problem)
    voiced = {name: value for name, value in positions.items() if value is not None and weights.get(name, 0.0) > 0}
    if outside := [name for name, value in voiced.items() if not -1 <= value <= 1]:
        raise ValueError(f"the position of {outside[0]} is not within [-1, 1]")
    total = sum(weights[name] for name in voiced)
    return sum(weights[name] * value for name, value in voiced.items()) / total if total else None


def _static(experts: Sequence[str], static: Mapping[str, float] | None, reason: str) -> RoutingWeights:
    """Return the static weights; raises ValueError if they are invalid themselves."""
    weights = dict.fromkeys(experts, 1.0) if static is None else static
    if problem := _problem(weights, experts):
        raise ValueError(f"the static weights are invalid: {problem}")
    return RoutingWeights(_normalized(weights, experts), reason)


def _normalized(weights: Mapping[str, float], experts: Sequence[str]) -> dict[str, float]:
    highest = max(weights.values())  # divided first, so that the sum of huge weights is finite
    total = sum(weight / highest for weight in weights.values())
    return {name: weights.get(name, 0.0) / highest / total for name in experts}


def _problem(weights: Mapping[str, float], experts: Sequence[str]) -> str:
    empty = "" if any(weights.values()) else "all weights are 0"
    return _unknown(weights, experts) or _not_finite(weights) or _negative(weights) or empty


def _unknown(given: Mapping[str, float], experts: Sequence[str]) -> str:
    return next((f"there is no expert {name!r:.40}" for name in given if name not in experts), "")


def _not_finite(given: Mapping[str, float]) -> str:
    return next((f"the value of {name} is {value}" for name, value in given.items() if not math.isfinite(value)), "")


def _negative(given: Mapping[str, float]) -> str:
    return next((f"the weight of {name} is negative: {value:g}" for name, value in given.items() if value < 0), "")


def _check_scores(scores: Mapping[str, float]) -> None:
    if problem := _not_finite(scores) or ("" if scores else "there is no score"):
        raise ValueError(problem)
