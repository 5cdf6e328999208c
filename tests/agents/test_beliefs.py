"""How far an analyst can be trusted: what outcomes teach, and how fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.agents.rules.analyst_weights import OutcomeObservation, posterior_weights
from openoutcry.agents.rules.research_manager import WEIGHTS, prior_weights

USUAL = prior_weights(tuple(WEIGHTS))
UNIT = st.floats(-1, 1, allow_nan=False)
LIVED = st.lists(
    st.builds(
        OutcomeObservation,
        scores=st.fixed_dictionaries(dict.fromkeys(WEIGHTS, UNIT)),
        outcome=st.floats(-5, 5, allow_nan=False),
        weight=st.floats(0, 1, allow_nan=False),
    ),
    max_size=30,
)


def after(*outcomes, score=1.0, weight=1.0):
    return posterior_weights(USUAL, [OutcomeObservation({"news": score}, outcome, weight) for outcome in outcomes])


def test_without_an_outcome_the_usual_weights_stand():
    learned = posterior_weights(USUAL, [])
    assert {name: round(one.weight, 12) for name, one in learned.items()} == {n: round(w, 12) for n, w in USUAL.items()}


def test_one_outcome_moves_little_and_many_move_much():
    once, often = after(1.0), after(*[1.0] * 40)
    assert USUAL["news"] < once["news"].weight < often["news"].weight
    assert once["news"].weight - USUAL["news"] < 0.35
    assert often["news"].weight > 2
    assert often["news"].deviation < once["news"].deviation


def test_who_is_always_wrong_is_read_against_the_grain():
    assert after(*[-1.0] * 40)["news"].weight < 0


def test_only_the_analyst_who_spoke_is_judged():
    learned = after(*[2.0] * 40)
    assert learned["technical"].weight == pytest.approx(USUAL["technical"])


def test_an_outcome_beyond_all_measure_counts_as_a_large_one():
    assert after(1_000.0)["news"].weight == after(2.5)["news"].weight


def test_an_outcome_that_holds_nothing_new_teaches_nothing():
    assert after(2.0, weight=0.0)["news"].weight == pytest.approx(USUAL["news"])


@given(LIVED)
def test_the_order_of_outcomes_does_not_matter_and_every_estimate_is_finite(lived):
    there, back = posterior_weights(USUAL, lived), posterior_weights(USUAL, lived[::-1])
    for name in USUAL:
        assert there[name].weight == pytest.approx(back[name].weight, abs=1e-9)
        assert 0 < there[name].deviation <= posterior_weights(USUAL, [])[name].deviation + 1e-12


@given(LIVED)
def test_the_mirrored_life_teaches_the_mirror_image(lived):
    """What is learned beyond the usual weights changes sign with every outcome, around a world without surprises."""
    flat = [OutcomeObservation(e.scores, 0.0, e.weight) for e in lived]
    mirrored = [OutcomeObservation(e.scores, -e.outcome, e.weight) for e in lived]
    base, there, back = (posterior_weights(USUAL, each) for each in (flat, lived, mirrored))
    for name in USUAL:
        assert there[name].weight + back[name].weight == pytest.approx(2 * base[name].weight, abs=1e-9)
