"""Answers, defects, repairs, the log and the budget: over real HTTP against the stub."""

import asyncio
import json

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.errors import InvalidOutput
from openoutcry.domain.outputs import (
    OrderPlan,
    Report,
    RiskReview,
    SingleAgentOutput,
    Thesis,
)
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.chat import Parameters
from openoutcry.llm.port import Tier
from openoutcry.llm.usage import spent_in
from stub.http_log import Fault, Reply, serial_slots

GOOD = {"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}
GOOD_TEXT = json.dumps(GOOD)


def capped(**caps):
    """Return a budget of one run."""
    return Budget("run", BudgetCaps(**caps))


async def test_an_answer_is_asked_for_by_strict_schema_and_validated(stub, model, question, log):
    answer = await model().generate(question(seed=7))
    assert answer.evidence == ("tech.rsi14", "px.close")
    (asked,) = stub.chats
    assert [message["role"] for message in asked.messages] == ["system", "user"]
    assert asked.messages[0]["content"] == "You read the tape."
    form = asked.body["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["name"] == "View"
    assert form["schema"]["required"] == ["summary", "confidence", "evidence"]
    assert asked.body["seed"] == 7
    assert "tools" not in asked.body


async def test_the_tier_chooses_the_model_and_use_names_both(stub, model, question):
    asker = model()
    await asker.generate(question(tier=Tier.QUICK))
    await asker.generate(question(tier=Tier.DEEP))
    assert [chat.body["model"] for chat in stub.chats] == ["quick-1", "deep-1"]
    assert asker.info == ModelInfo("openai", "quick-1", "deep-1")


async def test_no_seed_is_sent_where_none_is_given(stub, model, question):
    await model().generate(question())
    assert "seed" not in stub.chats[0].body


@pytest.mark.parametrize("answer", [Report, Thesis, OrderPlan, RiskReview, SingleAgentOutput])
async def test_every_answer_of_the_desk_fits_through_its_schema(stub, model, question, answer):
    said = await model().generate(question(answer=answer, check=lambda _: None))
    assert isinstance(said, answer)
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{GOOD_TEXT}\n```",
        f"```\n{GOOD_TEXT}```",
        f"Here it is:\n\n```json\n{json.dumps(GOOD, indent=2)}\n```\nGood luck!",
        f"Certainly. {GOOD_TEXT} Anything else?",
        f"<think>maybe {{}} or not</think>\n{GOOD_TEXT}",
        json.dumps({**GOOD, "summary": "a ``` fence ``` inside"}),
    ],
)
async def test_what_surrounds_the_json_is_stripped(stub, model, question, content):
    stub.reply(content)
    answer = await model().generate(question())
    assert not isinstance(answer, Abstention)
    assert answer.confidence == 0.6
    assert len(stub.requests) == 1


BAD = {
    "prose": (Reply("I would rather buy."), "not a JSON object"),
    "cut off JSON": (Reply(GOOD_TEXT[:20]), "not a JSON object"),
    "wrong type": (Reply(json.dumps({**GOOD, "confidence": "high"})), "confidence: "),
    "out of range": (Reply(json.dumps({**GOOD, "confidence": 1.7})), "less than or equal to 1"),
    "missing field": (Reply(json.dumps({"summary": "up"})), "confidence: Field required; evidence: Field required"),
    "list": (Reply("[1, 2]"), "should be an object"),
    "empty": (Reply(""), "the answer is empty"),
    "null": (Reply(None), "the answer is empty"),
    "half a surrogate": (Reply("up \ud800 and away"), "not a JSON object"),
    "half a surrogate in JSON": (Reply('{"summary": "\\ud800", "confidence": 1, "evidence": []}'), "not a JSON object"),
    "refusal": (Reply(None, refusal="I cannot give advice."), "the model refused: I cannot give advice."),
    "truncation": (Reply(GOOD_TEXT[:30], finish_reason="length"), "cut off at the length limit"),
    "content filter": (Reply("", finish_reason="content_filter"), "content filter"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_answer_is_sent_back_with_its_defect_and_can_be_mended(stub, model, question, name):
    bad, defect = BAD[name]
    stub.reply(bad, GOOD_TEXT)
    answer = await model().generate(question())
    assert not isinstance(answer, Abstention)
    assert answer.summary == "up"
    first, second = stub.chats
    assert second.messages[:2] == first.messages
    said, objection = second.messages[2:]
    assert said["role"] == "assistant"
    assert said["content"]
    assert objection["role"] == "user"
    assert defect.rstrip(".") in objection["content"]


@pytest.mark.parametrize("name", BAD)
async def test_a_second_bad_answer_is_an_abstention_that_says_why(stub, model, question, name):
    bad, defect = BAD[name]
    stub.reply("no", bad)
    outcome = await model().generate(question())
    assert isinstance(outcome, Abstention)
    assert (outcome.role, outcome.cause) == ("technical", AbstentionCause.ANSWER)
    assert defect in outcome.reason
    assert len(stub.requests) == 2


async def test_json_that_looks_whole_does_not_count_at_the_length_limit(stub, model, question):
    stub.reply(Reply(GOOD_TEXT, finish_reason="length"), Reply(GOOD_TEXT, finish_reason="length"))
    outcome = await model().generate(question())
    assert outcome.cause is AbstentionCause.ANSWER
    assert "cut off at the length limit" in outcome.reason


async def test_a_long_bad_answer_goes_back_clipped(stub, model, question):
    stub.reply("x" * 50_000, GOOD_TEXT)
    await model().generate(question())
    assert len(stub.chats[1].messages[2]["content"]) < 5_000


async def test_an_uncited_claim_is_sent_back_and_mended(stub, model, question):
    stub.reply(json.dumps({**GOOD, "evidence": ["news.feedbeef"]}), GOOD_TEXT)
    answer = await model().generate(question())
    assert answer.evidence == ("px.close",)
    assert "holds no evidence called news.feedbeef" in stub.chats[1].messages[-1]["content"]


async def test_an_uncited_claim_twice_is_an_abstention_for_citation(stub, model, question):
    stub.reply(*[json.dumps({**GOOD, "evidence": ["news.feedbeef"]})] * 2)
    outcome = await model().generate(question())
    assert outcome == Abstention(
        "technical", AbstentionCause.CITATION, "the case holds no evidence called news.feedbeef"
    )


async def test_a_check_that_finds_no_sense_is_a_bad_answer(stub, model, question):
    def senseless(_: object) -> None:
        raise InvalidOutput("the stop lies above the price")

    outcome = await model().generate(question(check=senseless))
    assert outcome == Abstention("technical", AbstentionCause.ANSWER, "the stop lies above the price")


async def test_every_finished_exchange_is_logged_with_what_the_endpoint_reported(stub, model, question, log):
    usage = {"prompt_tokens": 90, "completion_tokens": 12, "prompt_tokens_details": {"cached_tokens": 64}}
    ticks = iter([10.0, 12.5])
    stub.reply(Reply(GOOD_TEXT, usage=usage))
    await model(timer=lambda: next(ticks)).generate(question())
    (call,) = log.calls()
    assert (call.role, call.model, call.wall_s, call.estimated) == ("technical", "quick-1", 2.5, False)
    assert (call.prompt_tokens, call.cached_tokens, call.completion_tokens) == (90, 64, 12)
    assert json.loads(call.reply)["content"] == GOOD_TEXT


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": None, "completion_tokens": 3}, {"prompt_tokens": 3}])
async def test_usage_that_is_missing_is_estimated_from_characters(stub, model, question, log, usage):
    stub.reply(Reply(GOOD_TEXT, usage=usage))
    await model().generate(question())
    (call,) = log.calls()
    assert call.estimated
    asked = question()
    assert call.prompt_tokens in (usage.get("prompt_tokens"), (len(asked.system) + len(asked.user)) // 4)
    assert call.completion_tokens in (usage.get("completion_tokens"), len(GOOD_TEXT) // 4)


async def test_both_exchanges_of_a_repair_are_in_the_log(stub, model, question, log):
    stub.reply("no", GOOD_TEXT)
    await model().generate(question())
    assert len(log.calls()) == 2


async def test_a_call_is_in_the_log_before_anything_reads_it(stub, model, question, log):
    seen = []
    await model().generate(question(check=lambda _: seen.append(len(log.calls()))))
    assert seen == [1]


async def test_a_run_that_goes_on_after_a_kill_pays_for_nothing_twice(stub, model, question, log):
    stub.reply("no", GOOD_TEXT)
    first = await model().generate(question())
    again = await model().generate(question())  # a new instance over the same log
    assert first == again
    assert len(stub.requests) == 2


async def test_an_unfinished_repair_goes_on_where_it_stopped(stub, model, question, log):
    stub.reply("no")
    stub.fail(None, Fault.error(401))
    assert (await model().generate(question())).cause is AbstentionCause.MODEL
    stub.reply(GOOD_TEXT)
    assert (await model().generate(question())).summary == "up"
    assert len(stub.requests) == 3
    assert len(log.calls()) == 2


async def test_the_log_answers_even_when_the_endpoint_is_gone_and_was_a_poor_one(stub, model, question):
    stub.refuses = frozenset({"json_schema"})
    first = await model().generate(question())
    stub.fail(*[Fault.error(401)] * 9)
    assert await model().generate(question()) == first


@pytest.mark.parametrize(
    "change",
    [{"user": "other"}, {"system": "other"}, {"seed": 2}, {"tier": Tier.DEEP}, {"answer": Report}, {"role": "other"}],
)
async def test_another_request_is_not_answered_from_the_log(stub, model, question, change):
    asker = model()
    await asker.generate(question())
    await asker.generate(question())
    assert len(stub.requests) == 1
    await asker.generate(question(**change, check=lambda _: None))
    assert len(stub.requests) == 2


async def test_the_allowance_of_calls_ends_in_an_abstention(stub, model, question):
    asker = model(budget=capped(max_calls=1))
    assert not isinstance(await asker.generate(question()), Abstention)
    outcome = await asker.generate(question(user="more"))
    assert outcome.cause is AbstentionCause.BUDGET
    assert "budget of 1 model calls" in outcome.reason
    assert len(stub.requests) == 1


async def test_the_allowance_of_tokens_ends_in_an_abstention(stub, model, question):
    stub.reply(Reply(GOOD_TEXT, usage={"prompt_tokens": 360, "completion_tokens": 40}))
    asker = model(budget=capped(max_tokens=400), parameters=Parameters(max_tokens=40))
    assert not isinstance(await asker.generate(question()), Abstention)
    assert (await asker.generate(question(user="more"))).cause is AbstentionCause.BUDGET


async def test_a_repair_counts_against_the_allowance(stub, model, question):
    stub.reply("no")
    assert (await model(budget=capped(max_calls=1)).generate(question())).cause is AbstentionCause.BUDGET


async def test_what_the_run_spent_before_it_was_interrupted_stays_spent(stub, model, question, log):
    await model().generate(question())
    budget = capped(max_calls=1)
    budget.book(spent_in(log.calls(), {}))
    asker = model(budget=budget)
    assert not isinstance(await asker.generate(question()), Abstention), "a reply from the log costs nothing"
    assert (await asker.generate(question(user="more"))).cause is AbstentionCause.BUDGET


async def test_a_call_that_failed_is_not_counted(stub, model, question):
    stub.fail(Fault.error(401))
    asker = model(budget=capped(max_calls=1))
    assert (await asker.generate(question())).cause is AbstentionCause.MODEL
    assert not isinstance(await asker.generate(question()), Abstention)


async def test_parallel_questions_cannot_overdraw_the_calls(stub, model, question):
    asker = model(budget=capped(max_calls=2))
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"{n}")) for n in range(6)))
    assert sum(isinstance(outcome, Abstention) for outcome in outcomes) == 4
    assert len(stub.requests) == 2


async def test_four_questions_run_at_the_same_time(stub, model, question):
    stub.fail(*[Fault.hang()] * 4)
    asker = model()
    asks = [asyncio.create_task(asker.generate(question(user=f"{n}"))) for n in range(4)]
    await _until(lambda: len(stub.requests) == 4)  # all four have arrived while none is answered
    stub.release()
    assert not any(isinstance(outcome, Abstention) for outcome in await asyncio.gather(*asks))
    assert serial_slots(stub.requests) == 1


async def test_no_more_than_max_parallel_requests_are_under_way(stub, model, question):
    stub.latency_ms = 20
    asker = model(max_parallel=2)
    await asyncio.gather(*(asker.generate(question(user=f"{n}")) for n in range(6)))
    moments = [(r.arrived, 1) for r in stub.requests] + [(r.finished, -1) for r in stub.requests]
    running, most = 0, 0
    for _, change in sorted(moments):
        running += change
        most = max(most, running)
    assert most == 2


async def test_connections_are_kept_alive(stub, model, question):
    asker = model()
    for n in range(5):
        await asker.generate(question(user=f"{n}"))
    assert stub.connections == 1


def test_one_model_serves_one_event_loop_after_the_other(stub, model, question):
    asker = model()

    async def session(n: int) -> object:
        try:
            return await asker.generate(question(user=f"{n}"))
        finally:
            await asker.aclose()

    outcomes = [asyncio.run(session(n)) for n in range(3)]
    assert not any(isinstance(outcome, Abstention) for outcome in outcomes)


async def test_a_question_that_is_cancelled_leaves_no_call_behind_but_stays_booked(stub, model, question):
    stub.fail(Fault.hang())
    log = InMemoryCallLog()
    asker = model(log=log, budget=capped(max_calls=1))
    ask = asyncio.create_task(asker.generate(question()))
    await _until(lambda: stub.requests)
    ask.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ask
    assert not log.calls()
    assert (await asker.generate(question())).cause is AbstentionCause.BUDGET


async def _until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)
