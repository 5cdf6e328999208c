"""Votes, convictions and judges over every form of decision."""

import pytest
from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision, RatingDecision, RatioDecision
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.call_policy import CallSpec
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.llm.policy.cascading_model import signed_conviction
from openoutcry.llm.policy.judging_model import Aggregation
from openoutcry.llm.policy.vote import vote
from pydantic import ValidationError

VIEW = {"horizon_sessions": 5, "summary": "s", "invalidation": "i", "evidence": ()}


def direction(side, confidence, summary="s"):
    levels = {"reward_to_risk": None, "stop": None}
    return DirectionDecision(direction=side, confidence=confidence, **levels, **{**VIEW, "summary": summary})


def exposure(value):
    return ExposureDecision(exposure=value, **VIEW)


def ratio(value):
    return RatioDecision(ratio=value, **VIEW)


def test_directions_are_counted_and_the_text_is_that_of_the_nearest_answer():
    answers = [
        direction("long", 0.9, "bold"), direction("flat", 0.9), direction("long", 0.6, "mild"), direction("long", 0.55),
    ]  # fmt: skip
    result = vote(answers)
    assert dict(result.counts) == {"long": 3, "flat": 1}
    assert result.choice == direction("long", 0.6, "mild")
    assert vote([direction("long", 0.9), direction("short", 0.9)]).choice is None


def test_exposures_are_counted_by_their_sign():
    result = vote([exposure(-0.2), exposure(0.8), exposure(0.2), exposure(0.4)])
    assert result.choice == exposure(0.4)
    assert result.disagreement == 0.25
    assert vote([exposure(0.5), exposure(-0.5), exposure(0)]).choice is None


def test_ratios_are_counted_by_whether_they_hold_anything():
    assert vote([ratio(0), ratio(0), ratio(0.9)]).choice == ratio(0)
    assert vote([ratio(0.1), ratio(0.3), ratio(0.9)]).choice == ratio(0.3)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (direction("short", 0.8), -0.8),
        (direction("keep", 0.8), 0.0),
        (exposure(-0.3), -0.3),
        (exposure(0), 0.0),
        (ratio(0.25), 0.25),
        (RatingDecision(rating="buy", conviction=0.5, **VIEW), 0.5),
    ],
    ids=["short", "keep", "exposure", "no exposure", "ratio", "rating"],
)
def test_every_decision_on_one_symbol_has_a_conviction_for_a_cascade(answer, expected):
    assert signed_conviction(answer) == expected


def test_the_names_of_judges_name_their_aggregation():
    assert CallSpec(samples=3, choose="min_judge").judged_by is Aggregation.MINIMUM
    assert CallSpec(samples=3, choose="mean_minus_var").judged_by is Aggregation.MEAN_VARIANCE
    assert CallSpec(samples=3, choose="judge", aggregation="mean_variance").judged_by is Aggregation.MEAN_VARIANCE
    with pytest.raises(ValidationError, match="names the aggregation"):
        CallSpec(samples=3, choose="min_judge", aggregation="mean_variance")


BOOK = """
name: book
intake: {scope: book}
roles: [{role: single_agent, name: single_agent, tools: [bars]}]
deliberation: {kind: single_agent}
decision: {kind: allocation}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOOK + "calls: {single_agent: {samples: 3}}", "use choose: judge"),
        (BOOK + "calls: {single_agent: {cascade: {}}}", "no conviction for a cascade"),
    ],
    ids=["vote", "cascade"],
)
def test_what_cannot_be_counted_is_refused(tmp_path, text, message):
    path = tmp_path / "desk.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_desk(str(path))


def test_a_book_can_be_judged_and_a_forecast_cannot_be_counted(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(BOOK + "calls: {single_agent: {samples: 3, choose: min_judge}}")
    assert load_desk(str(path)).calls["single_agent"].samples == 3
    market = (BUILT_IN / "prediction_market.yaml").read_text()
    path.write_text(market + "\ncalls: {macro: {samples: 3}}\n")
    with pytest.raises(ConfigError, match="macro cannot be counted"):
        load_desk(str(path))
