"""Routing arithmetic against hand calculations, and what happens with answers that are no weights."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.tools.signals.guide import certainty, guide_strength, vote_certainty
from openoutcry.tools.signals.routing import (
    RoutingRule,
    mix_positions,
    one_hot,
    route_by_scores,
    route_by_weights,
    softmax,
    tilted_softmax,
)

EXPERTS = ("trend", "reversal", "breakout", "position")
NAN, INF = math.nan, math.inf


def test_softmax_is_the_exponential_share() -> None:
    assert softmax({"a": math.log(6), "b": math.log(3), "c": 0.0}) == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1})
    assert softmax({"a": math.log(4), "b": 0.0}, temperature=2)["a"] == pytest.approx(2 / 3)
    assert softmax({"a": 1e6, "b": 1e6}) == {"a": 0.5, "b": 0.5}


def test_one_hot_takes_the_highest_and_of_equals_the_first() -> None:
    assert one_hot({"a": 1.0, "b": 3.0, "c": 2.0}) == {"a": 0, "b": 1, "c": 0}
    assert one_hot({"b": 2.0, "a": 2.0}) == {"b": 1, "a": 0}


@pytest.mark.parametrize("scores", [{}, {"a": NAN}, {"a": 1.0, "b": INF}], ids=["none", "nan", "infinite"])
def test_scores_that_are_no_numbers_are_refused(scores: Any) -> None:
    for function in (softmax, one_hot):
        with pytest.raises(ValueError, match=r"value of|no score"):
            function(scores)
    for temperature in (0.0, -1.0, NAN):
        with pytest.raises(ValueError, match="temperature"):
            softmax({"a": 1.0}, temperature=temperature)


def test_a_tilt_moves_the_prior_and_no_tilt_keeps_it() -> None:
    prior = {"up": 0.5, "down": 0.3, "sideways": 0.2, "never": 0.0}
    assert tilted_softmax(prior, {}) == pytest.approx(prior)
    tilted = tilted_softmax(prior, {"down": math.log(2), "never": 9.0})
    assert tilted == pytest.approx({"up": 0.5 / 1.3, "down": 0.6 / 1.3, "sideways": 0.2 / 1.3, "never": 0})
    with pytest.raises(ValueError, match="prior is invalid: the weight of up is negative"):
        tilted_softmax({"up": -0.1, "down": 1.0}, {})
    with pytest.raises(ValueError, match="nan"):
        tilted_softmax(prior, {"up": NAN})


def test_a_routers_weights_are_divided_by_their_sum() -> None:
    routed = route_by_weights({"trend": 3.0, "position": 1.0}, EXPERTS)
    assert routed.weights == {"trend": 0.75, "reversal": 0, "breakout": 0, "position": 0.25}
    assert routed.fallback == ""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"trend": 1.5, "position": -0.5}, "the weight of position is negative: -0.5"),
        ({"trend": NAN}, "the value of trend is nan"),
        ({"trend": INF}, "the value of trend is inf"),
        ({"trend": 0.0}, "all weights are 0"),
        ({}, "all weights are 0"),
        ({"tarot": 1.0}, "there is no expert 'tarot'"),
    ],
    ids=["negative", "nan", "infinite", "zero", "empty", "unknown"],
)
def test_an_invalid_answer_falls_back_to_the_static_weights_and_says_why(answer: Any, reason: str) -> None:
    equal = route_by_weights(answer, EXPERTS)
    assert equal.fallback == reason
    assert equal.weights == dict.fromkeys(EXPERTS, 0.25)
    fixed = route_by_weights(answer, EXPERTS, {"trend": 2.0, "reversal": 2.0})
    assert fixed.weights == {"trend": 0.5, "reversal": 0.5, "breakout": 0, "position": 0}
    with pytest.raises(ValueError, match="static weights are invalid"):
        route_by_weights(answer, EXPERTS, {"trend": -1.0})


def test_scores_become_weights_by_the_rule_of_the_desk() -> None:
    scores = {"trend": math.log(3), "reversal": 0.0}
    soft = route_by_scores(scores, EXPERTS, RoutingRule.SOFTMAX)
    assert soft.weights == pytest.approx({"trend": 0.75, "reversal": 0.25, "breakout": 0, "position": 0})
    assert route_by_scores(scores, EXPERTS, RoutingRule.ONE_HOT).weights["trend"] == 1
    for bad in ({}, {"trend": NAN}, {"tarot": 1.0}):
        fallen = route_by_scores(bad, EXPERTS, RoutingRule.ONE_HOT)
        assert fallen.fallback
        assert fallen.weights == dict.fromkeys(EXPERTS, 0.25)


@given(st.dictionaries(st.sampled_from(EXPERTS), st.floats(), max_size=4))
def test_whatever_a_router_answers_the_weights_are_weights(answer: dict[str, float]) -> None:
    for routed in (route_by_weights(answer, EXPERTS), route_by_scores(answer, EXPERTS, RoutingRule.SOFTMAX)):
        assert tuple(routed.weights) == EXPERTS
        assert all(0 <= weight <= 1 for weight in routed.weights.values())
        assert sum(routed.weights.values()) == pytest.approx(1)


def test_positions_are_mixed_over_the_experts_that_have_one() -> None:
    weights = {"trend": 0.5, "reversal": 0.3, "breakout": 0.2}
    assert mix_positions(weights, {"trend": 1.0, "reversal": -1.0, "breakout": 0.5}) == pytest.approx(0.3)
    assert mix_positions(weights, {"trend": 1.0, "reversal": None, "breakout": 0.5}) == pytest.approx(0.6 / 0.7)
    assert mix_positions(weights, {"trend": None}) is None
    assert mix_positions({"trend": 0.0}, {"trend": 1.0}) is None
    for bad in (1.2, NAN):
        with pytest.raises(ValueError, match="not within"):
            mix_positions(weights, {"trend": bad})
    with pytest.raises(ValueError, match="negative"):
        mix_positions({"trend": -1.0}, {"trend": 1.0})


def test_certainty_is_one_less_the_normalised_entropy() -> None:
    assert certainty([0.25] * 4) == pytest.approx(0.01)
    assert certainty([1.0, 0.0]) == 1
    assert certainty([1.0]) == 1
    entropy = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2)) / math.log(2)
    assert certainty([8, 2]) == pytest.approx(0.01 + 0.99 * (1 - entropy))
    for bad in ([], [0.0], [-1.0, 2.0], [NAN]):
        with pytest.raises(ValueError, match="probabilities"):
            certainty(bad)


def test_votes_stand_in_for_probabilities() -> None:
    entropy = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2)) / math.log(2)
    assert vote_certainty(["long"] * 4 + ["short"], 2) == pytest.approx(0.01 + 0.99 * (1 - entropy))
    assert vote_certainty(["long"] * 3, 2) == 1
    for votes, options in (([], 2), (["a", "b", "c"], 2)):
        with pytest.raises(ValueError, match="different answers"):
            vote_certainty(votes, options)


def test_the_strength_of_guidance_is_direction_confidence_and_certainty() -> None:
    assert guide_strength(-1, 2, 0.6) == pytest.approx(-0.4)
    assert guide_strength(0, 3, 1.0) == 0
    for direction, confidence, sure in ((2, 1, 0.5), (1, 4, 0.5), (1, 1, NAN)):
        with pytest.raises(ValueError, match="invalid guidance"):
            guide_strength(direction, confidence, sure)
