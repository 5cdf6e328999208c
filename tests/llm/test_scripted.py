"""The scripted model keeps the contract of the port."""

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.outputs import (
    Argument,
    RiskOpinion,
    RiskReview,
    Verdict,
)
from openoutcry.llm.scripted import ScriptedModel


@pytest.fixture
def view(view_class):
    return view_class(summary="up", confidence=0.6, evidence=("px.close",))


async def test_one_answer_serves_every_question(question, view):
    model = ScriptedModel({"technical": view})
    assert await model.generate(question()) == view
    assert await model.generate(question(user="more")) == view
    assert [asked.user for asked in model.asked] == [question().user, "more"]


async def test_a_sequence_is_told_in_order_and_ends(question, view):
    later = Abstention("technical", AbstentionCause.MODEL, "asleep")
    model = ScriptedModel({"technical": [view, later]})
    outcomes = [await model.generate(question()) for _ in range(3)]
    assert outcomes[:2] == [view, later]
    assert "ended after 2 answers" in outcomes[2].reason


async def test_a_function_sees_the_question(question, view):
    model = ScriptedModel({"technical": lambda asked: view.model_copy(update={"summary": asked.user})})
    assert (await model.generate(question(user="hello"))).summary == "hello"


async def test_an_unknown_role_abstains(question):
    outcome = await ScriptedModel({}).generate(question(role="macro"))
    assert (outcome.role, outcome.cause) == ("macro", AbstentionCause.MODEL)


async def test_the_check_is_run_as_by_any_model(question, view):
    model = ScriptedModel({"technical": view.model_copy(update={"evidence": ("news.feedbeef",)})})
    assert (await model.generate(question())).cause is AbstentionCause.CITATION


async def test_an_answer_of_another_form_is_a_bad_answer(question):
    model = ScriptedModel({"technical": Argument(claim="up", evidence=())})
    outcome = await model.generate(question())
    assert outcome.cause is AbstentionCause.ANSWER
    assert "Argument, but View was asked for" in outcome.reason


async def test_an_answer_of_the_same_form_is_recast(question):
    opinion = RiskOpinion(verdict=Verdict.APPROVE, scale=1, reason="fine", evidence=("px.close",))
    answer = await ScriptedModel({"chair": opinion}).generate(question(role="chair", answer=RiskReview))
    assert type(answer) is RiskReview
