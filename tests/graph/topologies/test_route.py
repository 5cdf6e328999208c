"""The route: published formulas on a small table, and what a router without a usable answer leads to."""

from decimal import Decimal
from math import exp, log
from types import SimpleNamespace

import pytest
from desk_factory import taken
from every_desk import answer_to
from openoutcry.agents.contributor import company_names, masked
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import Outcome
from openoutcry.domain.decision_outputs import DirectionDecision, ExposureDecision
from openoutcry.domain.deliberation_outputs import (
    ExpertScore,
    ExpertScores,
    ExpertWeights,
    Guidance,
    PositionView,
    RegimeScores,
    StrategyAction,
)
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.proposal import Direction
from openoutcry.graph.topologies.routing import Regime, WeightRule, expert_weights
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.proposals.overlays import project_turnover
from scripted_answers import TICKER

EXPERTS = ("trend", "reversal", "breakout", "position")
SCORES = (0.5, -0.25, 1.0, 0.0)
STATED = {"summary": "Seen.", "evidence": ("px.close",)}


def scored(names=EXPERTS, scores=SCORES):
    return tuple(ExpertScore(expert=name, score=score) for name, score in zip(names, scores, strict=True))


def weights_of(context):
    stated = context.latest(ExpertWeights)
    return {each.expert: each.score for each in stated.weights}


def test_the_weights_are_the_softmax_of_logits_and_the_tilt_of_the_regimes():
    answer = RegimeScores(up=1.2, down=-0.3, sideways=0.4, scores=scored(), **STATED)
    static = {"trend": 0.4, "reversal": 0.3, "breakout": 0.2, "position": 0.1}
    tilts = {Regime.UP: {"trend": 1.0, "position": 0.5}, Regime.SIDEWAYS: {"reversal": 2.0}}
    total = exp(1.2) + exp(-0.3) + exp(0.4)
    up, sideways = exp(1.2) / total, exp(0.4) / total
    logits = [
        log(0.4) + 0.5 + up * 1.0,
        log(0.3) - 0.25 + sideways * 2.0,
        log(0.2) + 1.0,
        log(0.1) + 0.0 + up * 0.5,
    ]
    expected = [exp(logit) / sum(map(exp, logits)) for logit in logits]
    routed = expert_weights(answer, EXPERTS, WeightRule.SOFTMAX, static, tilts)
    assert list(routed.weights.values()) == pytest.approx(expected, rel=1e-12)


def test_a_router_without_a_preference_gives_the_static_weights():
    answer = RegimeScores(up=0, down=0, sideways=0, scores=scored(scores=(0, 0, 0, 0)), **STATED)
    static = {"trend": 2, "reversal": 1, "breakout": 1, "position": 0}
    routed = expert_weights(answer, EXPERTS, WeightRule.SOFTMAX, static, {})
    assert routed.weights == pytest.approx({"trend": 0.5, "reversal": 0.25, "breakout": 0.25, "position": 0})


def test_the_desk_mixes_the_positions_of_its_signals_by_these_weights(desk_of, decision_of):
    decision = decision_of(desk_of("mmdrex"))
    values = {e.id: float(e.value) for e in decision.evidence if e.id in {f"sig.{name}" for name in EXPERTS}}
    assert set(values) == {f"sig.{name}" for name in EXPERTS}
    scores = (0.0, 0.5, 1.0, 1.5)  # of the script
    total = exp(1) + exp(-1) + exp(0)
    up, down, sideways = exp(1) / total, exp(-1) / total, exp(0) / total
    tilts = (up + down, sideways, -0.5 * sideways, up - down)
    powers = [exp(score + tilt) for score, tilt in zip(scores, tilts, strict=True)]
    mixed = sum(p * values[f"sig.{name}"] for p, name in zip(powers, EXPERTS, strict=True)) / sum(powers)
    assert float(decision.proposal.exposure) == pytest.approx(mixed, abs=5e-5)
    assert decision.outcome is Outcome.ORDERS


@pytest.mark.parametrize(
    ("raw", "before", "penalty"),
    [("0.6", "0", "0.05"), ("-0.4", "0.3", "0.1"), ("0.32", "0.3", "0.05"), ("1", "0.9", "0")],
)
def test_the_projection_minimises_distance_and_turnover(raw, before, penalty):
    """The minimum of 1/2 (h - raw)^2 + lambda |h - before| on a fine grid is the projected exposure."""
    raw, before, penalty = map(Decimal, (raw, before, penalty))
    grid = [Decimal(n) / 1000 for n in range(-1000, 1001)]
    best = min(grid, key=lambda h: (h - raw) ** 2 / 2 + penalty * abs(h - before))
    assert project_turnover(raw, before, penalty, Decimal(-1), Decimal(1)) == best


def test_one_hot_asks_only_the_expert_with_the_highest_score(desk_of, context_of):
    answer = ExpertScores(scores=scored(("optimistic", "pessimistic"), (0.3, 0.1)), **STATED)
    context, model = context_of(desk_of("llmoe"), router=answer)
    assert weights_of(context) == {"optimistic": 1.0, "pessimistic": 0.0}
    assert [question.role for question in model.asked] == ["router", "optimistic"]
    assert context.latest(DirectionDecision).direction is Direction.LONG


def test_all_in_or_all_out_is_never_short(desk_of, decision_of):
    decision = decision_of(desk_of("llmoe"), pessimistic=PositionView(position=-0.8, **STATED))
    assert decision.proposal.direction is Direction.FLAT
    assert (decision.outcome, decision.risk.allowed) == (Outcome.HOLD, ())


def test_stated_weights_are_divided_by_their_sum(desk_of, context_of):
    file = desk_of("llmoe", ("weights: one_hot", "weights: stated"))
    answer = ExpertScores(scores=scored(("optimistic", "pessimistic"), (3.0, 1.0)), **STATED)
    views = {"optimistic": PositionView(position=0.8, **STATED), "pessimistic": PositionView(position=-0.4, **STATED)}
    context, _ = context_of(file, router=answer, **views)
    assert weights_of(context) == {"optimistic": 0.75, "pessimistic": 0.25}
    decided = context.latest(DirectionDecision)
    assert (decided.direction, decided.confidence) == (Direction.LONG, (1 + 0.5) / 2)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((-0.5, 1.0), "the weight of optimistic is negative: -0.5"),
        ((float("nan"), 1.0), "the score of optimistic is nan"),
        ((float("inf"), 1.0), "the score of optimistic is inf"),
        ((0.0, 0.0), "all weights are 0"),
    ],
)
@pytest.mark.parametrize("fallback", ["abstain", "static"])
def test_unusable_weights_are_refused_and_lead_to_the_fallback(desk_of, context_of, scores, said, fallback):
    file = desk_of("llmoe", ("weights: one_hot", "weights: stated"), ("fallback: abstain", f"fallback: {fallback}"))
    answer = ExpertScores(scores=scored(("optimistic", "pessimistic"), scores), **STATED)
    context, model = context_of(file, router=answer)
    refused = next(each for each in context.abstentions if each.role == "router")
    assert (refused.cause, said in refused.reason) == (AbstentionCause.ANSWER, True)
    if fallback == "abstain":
        assert context.thesis is None
        assert context.abstentions[-1].reason == "the experts have no weights: the router has abstained"
        assert [question.role for question in model.asked] == ["router"]
    else:
        assert weights_of(context) == {"optimistic": 0.5, "pessimistic": 0.5}
        assert "The weights are static, because the router has abstained." in context.thesis.summary


@pytest.mark.parametrize("names", [("optimistic",), ("optimistic", "realistic"), ("optimistic", "optimistic")])
def test_a_router_must_score_each_expert_once(desk_of, context_of, names):
    answer = ExpertScores(scores=scored(names, SCORES[: len(names)]), **STATED)
    context, _ = context_of(desk_of("llmoe"), router=answer)
    assert "score each expert once: optimistic, pessimistic" in context.abstentions[0].reason


def test_a_model_that_insists_on_a_negative_weight_is_corrected_first(desk_of, context_of):
    """The check of the request raises what the model reads as its correction."""
    file = desk_of("llmoe", ("weights: one_hot", "weights: stated"))
    _, model = context_of(file)
    wrong = ExpertScores(scores=scored(("optimistic", "pessimistic"), (-1.0, 1.0)), **STATED)
    with pytest.raises(Exception, match="give 0 or more"):
        model.asked[0].check(wrong)


def test_the_static_baseline_asks_no_model(desk_of, context_of):
    router = "roles:\n  - {role: router, name: router, tools: [bars, indicators, macro], model: deep}\n"
    analyst = "roles:\n  - {role: masked_news, name: news, tools: [news]}\n"
    context, model = context_of(desk_of("mmdrex", (router, analyst), ("weights: softmax", "weights: static")))
    assert [question.role for question in model.asked] == ["news"]
    assert weights_of(context) == dict.fromkeys(EXPERTS, 0.25)
    positions = [context.value(f"sig.{name}") for name in EXPERTS]
    assert context.latest(ExposureDecision).exposure == pytest.approx(sum(positions) / 4, abs=5e-5)


def test_tau_is_side_times_confidence_times_certainty_of_the_votes(desk_of, context_of):
    def vote(question):
        answer = answer_to(question)
        against = question.seed == 3
        return answer.model_copy(update={"action": StrategyAction.SHORT, "action_confidence": 3}) if against else answer

    context, model = context_of(desk_of("lm_guided"), strategist=vote)
    guidance = context.latest(Guidance)
    entropy = -(0.8 * log(0.8) + 0.2 * log(0.2)) / log(2)
    certainty = 0.01 + 0.99 * (1 - entropy)
    assert (guidance.votes, guidance.agreeing, guidance.action_confidence) == (5, 4, 2)
    assert guidance.certainty == pytest.approx(certainty, abs=1e-6)
    assert guidance.tau == pytest.approx(2 / 3 * certainty, abs=1e-6)
    assert context.latest(ExposureDecision).exposure == pytest.approx(guidance.tau, abs=5e-5)
    assert sorted(question.seed for question in model.asked if question.role == "strategist") == [1, 2, 3, 4, 5]


def test_an_estimate_counts_every_answer_of_the_strategist(desk_of, demo):
    asked = []
    desk = rule_desk(
        desk_of("lm_guided"), load_prompts(), demo, Limits(), seed=1, version="", timer=lambda: 0.0,
        on_prompt=lambda name, _: asked.append(name),
    )  # fmt: skip
    decision = taken(desk)
    assert asked == ["news", *["strategist"] * 5]
    assert decision.thesis.conviction


def test_tied_votes_have_the_lowest_certainty(desk_of, context_of):
    sides = (StrategyAction.LONG, StrategyAction.SHORT)

    def vote(question):
        return answer_to(question).model_copy(update={"action": sides[question.seed % 2]})

    context, _ = context_of(desk_of("lm_guided", ("samples: 5", "samples: 4")), strategist=vote)
    assert context.latest(Guidance).certainty == pytest.approx(0.01)


def test_an_explanation_of_too_many_words_is_refused(desk_of, context_of):
    def long(question):
        return answer_to(question).model_copy(update={"explanation": "word " * 351})

    context, _ = context_of(desk_of("lm_guided"), strategist=long)
    assert "351 words" in context.abstentions[-1].reason
    assert context.thesis is None


def test_the_symbol_is_hidden_from_the_news_analyst_and_from_no_other_role(desk_of, context_of):
    _, model = context_of(desk_of("lm_guided"))
    news, strategist = (next(q for q in model.asked if q.role == role) for role in ("news", "strategist"))
    assert TICKER not in news.user
    assert "the company as of" in news.user
    assert TICKER in strategist.user


def test_names_are_hidden_as_whole_words_with_and_without_the_legal_form():
    class View:
        def profile(self, _):
            return SimpleNamespace(name="Apple Holdings, Inc.")

    names = company_names(View(), "AAPL")
    text = "[news.AAPL.1] APPLE HOLDINGS, INC. rises; Apple's maps, Pineapple, (AAPL)"
    assert masked(text, names) == "[news.AAPL.1] the company rises; the company's maps, Pineapple, (the company)"
    assert masked("nothing to hide", ()) == "nothing to hide"


def test_the_overlay_guide_applies_the_strategist_to_signals(desk_of, decision_of):
    file = desk_of(
        "lm_guided",
        ("weights: guide", "weights: static"),
        ("{kind: vol_target}", "{kind: as_decided, overlays: [guide]}"),
        ("deliberation:", "signals: [{name: trend}]\ndeliberation:"),
    )
    decision = decision_of(file)
    assert decision.proposal.exposure == Decimal(1)
    clamp = next(each for each in decision.risk.clamps if each.limit == "overlay_guide")
    assert float(clamp.allowed / clamp.asked) == pytest.approx(2 / 3, abs=1e-4)


def test_a_forced_direction_with_no_view_abstains(desk_of, context_of):
    file = desk_of("llmoe", ("{kind: direction}", "{kind: direction, forced: true}"))
    context, _ = context_of(file, pessimistic=PositionView(position=0.0, **STATED))
    assert context.abstentions[-1].reason == "the desk must take a side, and its view is 0"
    assert context.thesis is None


def test_an_expert_without_a_view_leaves_the_desk_without_one(desk_of, context_of):
    context, _ = context_of(desk_of("llmoe"), pessimistic=Abstention("pessimistic", AbstentionCause.MODEL, "gone"))
    assert context.thesis is None
    assert "no expert has a position" in context.abstentions[-1].reason


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("mmdrex", "weights: softmax", "weights: guide", "needs 0 roles of kind router"),
        ("mmdrex", "weights: softmax", "weights: loudest", "weights"),
        ("mmdrex", "trend: 0.25", "trend: -0.25", "static.trend"),
        ("mmdrex", "trend: 0.25", "trend: .nan", "static.trend"),
        ("mmdrex", "trend: 0.25", "astrology: 0.25", "no expert astrology"),
        ("mmdrex", "{reversal: 1.0", "{astrology: 1.0", "no expert astrology"),
        ("mmdrex", "sideways:", "crosswise:", "crosswise"),
        ("mmdrex", "- {name: breakout}", "- {name: trend}", "two signals have the same name: trend"),
        ("mmdrex", "- {name: breakout}", "- {name: tea_leaves}", "no rule 'tea_leaves'"),
        ("llmoe", "{kind: direction}\nsizing: {kind: all_in}", "{kind: orders}", "cannot decide on orders"),
        ("mmdrex", "role: router, name", "role: forecaster, name", "does not use roles of kind forecaster"),
        ("mmdrex", "kind: turnover, penalty: 0.05", "kind: guide", "overlay guide needs a role of kind strategist"),
        ("llmoe", "deliberation:", "signals: [{name: trend}]\ndeliberation:", "not both"),
        ("llmoe", "role: expert", "role: router", "needs 1 roles of kind router"),
        ("llmoe", "name: router,", "name: mixture,", "same name: mixture"),
        ("lm_guided", "samples: 5", "samples: 0", "samples"),
        ("lm_guided", "cadence: month", "cadence: fortnight", "cadence"),
        ("lm_guided", "{kind: vol_target}", "{kind: vol_target, overlays: [guide]}", "remove the overlay guide"),
        ("strux", "role: facts,", "role: router,", "does not use roles of kind router|kind facts"),
        ("debate", "role: analyst, name: macro", "role: router, name: macro", "does not use roles of kind router"),
        ("debate", "deliberation:", "signals: [{name: trend}]\ndeliberation:", "no role has the tool signals"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_desk_file_is_named(desk_of, name, old, new, said):
    with pytest.raises(ConfigError, match=said):
        desk_of(name, (old, new))


def test_the_tool_signals_shows_the_signals_of_the_desk_file(desk_of, decision_of):
    changes = (
        ("tools: [bars, indicators, actions]", "tools: [bars, signals]"),
        ("deliberation:", "signals: [{name: own_trend, uses: trend, track_record: 0}]\ndeliberation:"),
    )
    decision = decision_of(desk_of("debate", *changes))
    assert {item.id for item in decision.evidence if item.id.startswith("sig.")} == {"sig.own_trend"}
