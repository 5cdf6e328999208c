"""Policies of calls: votes, judges and cascades, and that they spend from one budget."""

import json
from collections import Counter
from decimal import Decimal
from itertools import count
from statistics import median, quantiles

import pytest
from contracts.model import GOOD, ModelContract, question
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import OrderPlan, Report, RiskReview, Stance, Thesis, Verdict
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.policy.cascading_model import CascadingModel, UncertainWindow
from openoutcry.llm.policy.judging_model import Aggregation, Grade, JudgePolicy, JudgingModel
from openoutcry.llm.policy.vote import vote
from openoutcry.llm.policy.voting_model import VotingModel
from openoutcry.llm.port import Tier
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.llm.usage import usage_by_role
from openoutcry.prompts.library import load_prompts

SILENT = Abstention("news", AbstentionCause.MODEL, "no answer")
THESIS = Thesis(
    rating="buy", conviction=0.5, horizon_sessions=10, summary="s", bull_case="b", bear_case="b", invalidation="i",
    evidence=(),
)  # fmt: skip


def report(stance, confidence, summary="up"):
    return Report(summary=summary, stance=stance, confidence=confidence, evidence=("px.close",))


def thesis(rating, conviction, horizon=10):
    numbers = {"rating": rating, "conviction": conviction, "horizon_sessions": horizon}
    return Thesis.model_validate(THESIS.model_dump() | numbers)


def plan(*orders, why="because"):
    """Return a plan of market orders, given as (action, quantity)."""
    levels = ("limit_price", "stop_price", "trail", "take_profit_limit", "stop_loss_stop", "stop_loss_limit")
    rest = dict.fromkeys(levels) | {"type": "market", "time_in_force": "day", "order_class": "simple"}
    rest |= {"rationale": "r", "evidence": ()}
    return OrderPlan.model_validate(
        {"orders": [{"action": action, "quantity": quantity, **rest} for action, quantity in orders], "rationale": why}
    )


class TestVotingModel(ModelContract):
    @pytest.fixture
    def build(self):
        return lambda script: VotingModel(ScriptedModel(script), 3)


class TestJudgingModel(ModelContract):
    @pytest.fixture
    def build(self):
        def make(script):
            judges = {f"{role}_judge": Grade(score=0.5, reason="r") for role in script}
            return JudgingModel(ScriptedModel(script), [ScriptedModel(judges)])

        return make


class TestCascadingModel(ModelContract):
    @pytest.fixture
    def build(self):
        return lambda script: cascade(ScriptedModel(script))


def cascade(inner, past=(), low=0.2, high=0.8, learnt=None, events=None):
    kept = [] if learnt is None else learnt
    options = {} if events is None else {"events": events.append}
    return CascadingModel(inner, UncertainWindow(low, high), lambda _: past, lambda *pair: kept.append(pair), **options)


async def test_the_majority_wins_with_the_median_of_its_numbers_and_its_disagreement_is_an_event():
    answers = [report("bullish", 0.9), report("bearish", 1.0), report("bullish", 0.5, "middle"), report("bullish", 0.6)]
    inner, events = ScriptedModel({"news": answers}), []
    answer = await VotingModel(inner, 4, events.append).generate(question())
    assert (answer.stance, answer.confidence) == (Stance.BULLISH, 0.6)
    (event,) = events
    assert (event.kind, event.policy, event.candidates, event.uncertainty) == ("answer_chosen", "vote", 4, 0.25)
    assert [request.sample for request in inner.asked] == [0, 1, 2, 3]


async def test_samples_have_seeds_of_their_own_and_the_first_is_the_request_itself():
    inner = ScriptedModel({"news": GOOD})
    await VotingModel(inner, 3).generate(question(seed=7))
    assert [(request.sample, request.seed) for request in inner.asked] == [(0, 7), (1, 8), (2, 9)]
    await VotingModel(VotingModel(inner, 2), 2).generate(question(seed=7))
    assert sorted(request.sample for request in inner.asked[3:]) == [0, 1, 2, 3]


async def test_a_tie_abstains_and_says_how_the_answers_were_divided():
    answers = [report("bullish", 0.9), report("bearish", 0.9)]
    outcome = await VotingModel(ScriptedModel({"news": answers}), 2).generate(question())
    assert outcome.cause is AbstentionCause.ANSWER
    assert outcome.reason == "2 answers have no majority: 1 bullish, 1 bearish"


@pytest.mark.parametrize(("answered", "abstains"), [(1, True), (2, False), (3, False)])
async def test_most_of_the_samples_must_be_answered(answered, abstains):
    script = [GOOD] * answered + [SILENT] * (3 - answered)
    outcome = await VotingModel(ScriptedModel({"news": script}), 3).generate(question())
    assert isinstance(outcome, Abstention) is abstains


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 100), st.integers(1, 252)), min_size=1))
def test_a_vote_on_theses_agrees_with_counting(drawn):
    answers = [thesis(r, c / 100 if r == "buy" else -c / 100, h) for r, c, h in drawn]
    buys = sum(rating == "buy" for rating, _, _ in drawn)
    result = vote(answers)
    if 2 * buys == len(drawn):
        assert result.choice is None
        return
    winner = "buy" if 2 * buys > len(drawn) else "sell"
    group = [answer for answer in answers if answer.rating == winner]
    assert result.choice.rating == winner
    assert result.choice.conviction == pytest.approx(median(answer.conviction for answer in group))
    assert result.choice.horizon_sessions in {answer.horizon_sessions for answer in group}
    assert result.disagreement == pytest.approx(min(buys, len(drawn) - buys) / len(drawn))


def test_orders_are_those_of_the_sample_nearest_to_the_median_target():
    plans = [plan(("buy", 10)), plan(("buy", 30), ("buy", 5)), plan(("buy", 90)), plan(("sell", 30)), plan()]
    chosen = vote(plans).choice
    assert [order.quantity for order in chosen.orders] == [Decimal(30), Decimal(5)]
    assert vote([plan(), plan(("sell", 1)), plan()]).choice == plan()
    assert vote([plan(("short", 5)), plan(("cover", 5))]).choice is None


def test_reviews_are_decided_by_their_verdict():
    def review(verdict, scale):
        return RiskReview(verdict=verdict, scale=scale, reason="r", evidence=())

    chosen = vote([review("shrink", 0.2), review("shrink", 0.8), review("shrink", 0.4), review("veto", 0)]).choice
    assert (chosen.verdict, chosen.scale) == (Verdict.SHRINK, 0.4)


async def test_the_median_of_numbers_must_pass_the_check_of_the_request():
    def even(answer):
        from openoutcry.domain.errors import InvalidOutput

        if round(answer.confidence * 10) % 2:
            raise InvalidOutput("odd")

    answers = [report("bullish", 0.2), report("bullish", 0.4)]
    answer = await VotingModel(ScriptedModel({"news": answers}), 2).generate(question(check=even))
    assert answer in answers


@pytest.mark.parametrize(
    ("policy", "best"),
    [
        (JudgePolicy(3, Aggregation.MINIMUM), "steady"),
        (JudgePolicy(3, Aggregation.MEAN_VARIANCE, 0.0), "divided"),
        (JudgePolicy(3, Aggregation.MEAN_VARIANCE, 4.0), "steady"),
    ],
)
async def test_judges_choose_by_their_combined_scores(policy, best):
    scores = {"poor": (0.1, 0.2), "steady": (0.6, 0.6), "divided": (1.0, 0.3)}

    def judge(place):
        def grade(request):
            name = next(name for name in scores if f'"summary":"{name}"' in request.user)
            return Grade(score=scores[name][place], reason="r")

        return ScriptedModel({"news_judge": grade})

    inner = ScriptedModel({"news": [report("bullish", 0.5, name) for name in scores]})
    judges = [judge(0), judge(1)]
    answer = await JudgingModel(inner, judges, policy).generate(question())
    assert answer.summary == best
    assert {request.tier for each in judges for request in each.asked} == {Tier.DEEP}


async def test_a_judge_reads_the_rules_and_the_instructions_of_a_role_where_they_are_said_to_be():
    prompts = load_prompts()
    news, shared = prompts.get("news"), prompts.get("shared_rules").system
    sent = news.render({name: f"the {name}" for name in news.inputs})
    inner = ScriptedModel({"news": [report("bullish", 0.5, "a")]})
    judge = ScriptedModel({"news_judge": Grade(score=0.5, reason="r")})
    await JudgingModel(inner, [judge], JudgePolicy(1)).generate(question(system=sent.system, user=sent.user))
    (asked,) = judge.asked
    rules, _, rest = asked.user.partition("\n\nPrompt:\n")
    assert rules == f"Rules:\n{shared}"
    prompt, _, answer = rest.partition("\n\nAnswer:\n")
    assert news.instructions in prompt
    assert Report.model_validate_json(answer).summary == "a"
    assert "the instructions after it" in asked.system


async def test_a_candidate_without_all_scores_is_not_chosen_and_without_any_the_first_is():
    inner = {"news": [report("bullish", 0.5, name) for name in ("a", "b")]}
    grades = {"news_judge": [Grade(score=0.9, reason="r"), Abstention("news_judge", AbstentionCause.MODEL, "no")]}
    for script, best in ((grades, "a"), ({"news_judge": grades["news_judge"][::-1]}, "b"), ({}, "a")):
        model = JudgingModel(ScriptedModel(inner), [ScriptedModel(script)], JudgePolicy(2))
        assert (await model.generate(question())).summary == best


PAST = [n / 100 for n in range(-50, 51)]


@pytest.mark.parametrize("confidence", [0.05, 0.2, 0.29, 0.31, 0.9])
@pytest.mark.parametrize("stance", ["bullish", "bearish"])
async def test_the_deep_model_is_asked_inside_the_window_only(stance, confidence):
    low, _, _, high = quantiles(PAST, n=5, method="inclusive")
    signed = confidence if stance == "bullish" else -confidence
    uncertain = low <= signed <= high
    answers = {Tier.QUICK: report(stance, confidence), Tier.DEEP: report("bullish", 1.0, "deep")}
    inner, learnt, events = ScriptedModel({"news": lambda request: answers[request.tier]}), [], []
    answer = await cascade(inner, PAST, learnt=learnt, events=events).generate(question(tier=Tier.DEEP))
    assert (answer.summary == "deep") is uncertain
    assert [request.tier for request in inner.asked] == [Tier.QUICK, Tier.DEEP][: 1 + uncertain]
    assert learnt == [("news", signed)]
    assert [event.uncertainty for event in events] == ([pytest.approx((1 - signed) / 2)] if uncertain else [])


async def test_with_little_history_every_answer_is_uncertain_and_an_abstention_asks_the_deep_model():
    inner = ScriptedModel({"news": lambda request: SILENT if request.tier is Tier.QUICK else GOOD})
    assert await cascade(inner, PAST).generate(question()) == GOOD
    inner = ScriptedModel({"news": GOOD})
    await cascade(inner, PAST[:19]).generate(question())
    assert len(inner.asked) == 2
    inner = ScriptedModel({"news": lambda request: GOOD if request.tier is Tier.QUICK else SILENT})
    assert await cascade(inner).generate(question()) == GOOD


@pytest.mark.parametrize(
    "make", [lambda m: VotingModel(m, 0), lambda m: JudgingModel(m, []), lambda m: cascade(m, low=0.9)]
)
def test_policies_that_cannot_work_are_refused(make):
    with pytest.raises(ConfigError):
        make(ScriptedModel({}))


async def test_all_calls_of_policies_spend_from_one_budget_and_are_counted_by_role(stub, model, question, log):
    """Three samples and two judges of each: 3 + 6 calls."""
    numbers = count()

    def respond(request):
        if "score" in request.schema["properties"]:
            return json.dumps({"score": 0.5, "reason": "r"})
        return json.dumps({"summary": f"up {next(numbers)}", "confidence": 0.6, "evidence": ["px.close"]})

    stub.responder = respond
    budget = Budget("run", BudgetCaps(max_calls=100))
    asker = model(budget=budget)
    chooser = JudgingModel(asker, [asker, asker])
    assert (await chooser.generate(question())).summary.startswith("up ")
    assert {role: usage.model_calls for role, usage in usage_by_role(log.calls()).items()} == {
        "technical": 3,
        "technical_judge": 6,
    }
    assert budget.booked.calls == len(stub.requests) == 9
    seen = Counter(json.dumps(chat.messages) for chat in stub.chats)
    assert sorted(seen.values()) == [2, 2, 2, 3]
    capped = model(budget=Budget("run", BudgetCaps(max_calls=1)))
    outcome = await VotingModel(capped, 3).generate(question(user="[px.close] another"))
    assert outcome.cause is AbstentionCause.BUDGET
    assert len(stub.requests) == 10
    stub.responder = lambda request: json.dumps({"summary": "up", "confidence": 0.6, "evidence": ["px.close"]})
    graders = [ScriptedModel({"technical_judge": Grade(score=0.5, reason="r")})]
    await JudgingModel(asker, graders).generate(question(user="[px.close] a third"))
    assert len(graders[0].asked) == 1, "equal answers are graded once"
