"""Answers and desk files that make no sense at a desk for one symbol: refused by name, or a recorded abstention."""

import pytest
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import DirectionDecision, QuotedPoint, QuotedSection, SectionedRating
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF, CLEAR
from transcripts import answer, decision_of, scripted_desk

VIEW = {"horizon_sessions": 5, "summary": "So.", "invalidation": "Else.", "evidence": ("px.close",)}


def direction(side, reward="1.5"):
    return DirectionDecision(direction=side, confidence=0.7, reward_to_risk=reward, stop=None, **VIEW)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (direction("keep"), "choose long or short"),
        (direction("flat"), "choose long or short"),
        (direction("long", "2.5"), "asks for 1.2 to 1.8"),
        (direction("short", None), "asks for 1.2 to 1.8"),
    ],
    ids=["keep", "flat", "reward", "no-reward"],
)
def test_a_forced_direction_needs_a_side_and_a_ratio(demo, given, said):
    desk, _ = scripted_desk("quantagent", demo, decision=given)
    decision = decision_of(desk, CLEAR, AS_OF)
    assert (decision.outcome, decision.abstention.role) == (Outcome.ABSTAIN, "decision")
    assert said in decision.abstention.reason


def test_a_forced_desk_without_a_view_abstains(demo):
    silent = {name: Abstention(name, AbstentionCause.DATA, "nothing") for name in ("indicator", "pattern", "trend")}
    desk, _ = scripted_desk("quantagent", demo, **silent, decision=Abstention("decision", AbstentionCause.MODEL, "no"))
    decision = decision_of(desk, CLEAR, AS_OF)
    assert (decision.outcome, decision.risk.asked) == (Outcome.ABSTAIN, ())


def test_tied_ballots_are_an_abstention(demo):
    sides = {"seeker": direction("long"), "averse": direction("short"), "neutral": direction("flat")}
    desk, _ = scripted_desk("tradinggpt", demo, **sides)
    decision = decision_of(desk, CLEAR, AS_OF)
    assert (decision.abstention.role, decision.abstention.cause) == ("vote", AbstentionCause.INCOMPLETE)
    assert "are tied" in decision.abstention.reason


def test_a_grader_that_fails_leaves_the_first_prediction(demo):
    silent = Abstention("predictor_judge", AbstentionCause.MODEL, "no grade")
    desk, _ = scripted_desk("sep", demo, predictor_judge=silent)
    assert decision_of(desk, CLEAR, AS_OF).outcome is Outcome.ORDERS


def test_a_style_that_nobody_names_leaves_no_size(demo):
    desk, _ = scripted_desk("tradinggroup", demo, style=Abstention("style", AbstentionCause.MODEL, "no style"))
    decision = decision_of(desk, CLEAR, AS_OF)
    assert (decision.outcome, decision.abstention.role) == (Outcome.ABSTAIN, "sizing")
    assert "style" in decision.abstention.reason


def test_an_unscored_rationale_changes_nothing(demo):
    silent = Abstention("scorer", AbstentionCause.MODEL, "no score")
    whole, _ = scripted_desk("marketsenseai", demo)
    without, _ = scripted_desk("marketsenseai", demo, scorer=silent)
    allowed = [decision_of(desk, CLEAR, AS_OF).risk.allowed for desk in (whole, without)]
    assert allowed[0] == allowed[1] != ()


@pytest.mark.parametrize(
    ("quote", "source", "said"),
    [("It will triple.", None, "is not in"), (None, "px.nothing", "px.nothing")],
    ids=["invented", "unknown"],
)
def test_a_quote_that_its_source_does_not_hold_is_refused(demo, quote, source, said):
    def thesis(request):
        right = answer(request)
        point = right.sections[0].points[0]
        wrong = QuotedPoint(opinion="Up.", quote=quote or point.quote, source=source or point.source)
        section = QuotedSection(title="market", points=(wrong,))
        return SectionedRating(**right.model_dump(exclude={"sections"}), sections=(section, *right.sections[1:]))

    desk, _ = scripted_desk("trading_r1", demo, single_agent=thesis)
    decision = decision_of(desk, CLEAR, AS_OF)
    assert decision.outcome is Outcome.ABSTAIN
    assert said in decision.abstention.reason


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("quantagent", "rr: [1.2, 1.8]", "rr: [1.8, 1.2]", "rr must be the smallest and the largest"),
        ("quantagent", "kind: direction, forced", "kind: rating, forced", "forced belongs to decisions of"),
        ("trading_r1", "sections: [5, 7]", "sections: [7, 5]", "sections must be the fewest"),
        ("trading_r1", "kind: rating, horizon", "kind: direction, horizon", "sections belongs to decisions of"),
        ("tradinggroup", "target: {aggressive: 6,", "target: {", "exits.target.aggressive"),
        ("tradinggroup", "name: style, tools: [bars, indicators]", "name: style", "roles.3.tools"),
        ("fincon", "tail: 0.05, observations: 60", "tail: 0.01, observations: 60", "needs at least 100 observations"),
        ("investorbench", "kind: all_in", "kind: rating_map, map: {buy: 1, sell: 0}", "cannot have sizing rating_map"),
        ("tradinggpt", "kind: direction, hold: keep", "kind: orders", "decision orders cannot have sizing unit"),
        ("marketsenseai", "kind: panel", "kind: single_agent", "deliberation"),
        ("sep", "calls: {predictor:", "calls: {oracle:", "calls names roles that the desk does not have: oracle"),
        ("finrobot", "kind: report}", "kind: report}\nexits: {kind: bracket, stop: 0.1}", "exits bracket"),
        ("atlas", "tif: day", "tif: ioc", "execution.tif"),
    ],
    ids=[
        *("rr", "forced", "sections", "sections-kind", "multiples", "tools", "tail", "sizing", "vote", "panel"),
        *("calls", "exits", "tif"),
    ],
)
def test_a_desk_file_that_makes_no_sense_is_named_with_its_key(tmp_path, name, old, new, said):
    text = (BUILT_IN / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "desk.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as error:
        load_desk(str(path))
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("prompt: finrobot_concept", "prompt: oracle", "no prompt 'oracle'"),
        ("tools: [filings, news, calendar]", "tools: [filings, tarot]", "unknown tool 'tarot'"),
        ("prompt: finrobot_concept", "prompt: finrobot_thesis", "written for 'decider', not for 'analyst'"),
    ],
    ids=["prompt", "tool", "kind"],
)
def test_a_missing_prompt_or_tool_is_named_when_the_team_is_built(tmp_path, old, new, said):
    text = (BUILT_IN / "finrobot.yaml").read_text(encoding="utf-8")
    path = tmp_path / "desk.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        build_team(load_desk(str(path)), load_prompts(), None, order_policy(Limits()), seed=1)
