"""Replies of any size: what is kept of them is bounded, and impossible counts are no counts."""

import json

import pytest
from openoutcry.domain.abstention import AbstentionCause
from stub.http_log import Fault, Reply, ToolCall

GOOD = {"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(json.dumps({**GOOD, "summary": "x" * 5_000_000})),
        Reply("words " * 1_000_000 + json.dumps(GOOD)),
        Reply(None, refusal="no " * 1_000_000),
        Reply(None, (ToolCall("submit_answer", json.dumps({**GOOD, "summary": "x" * 5_000_000})),)),
    ],
)
async def test_an_answer_of_megabytes_is_refused_and_not_kept_whole(stub, model, question, log, reply):
    stub.reply(reply, reply)
    outcome = await model().generate(question())
    assert outcome.cause is AbstentionCause.ANSWER
    assert len(outcome.reason) < 500
    assert sum(len(call.reply) for call in log.calls()) < 1_000_000


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "reasoning_details"])
async def test_a_thought_of_megabytes_is_not_kept_whole(stub, model, question, log, field):
    thought = [{"text": "x" * 2_000_000}] if field == "reasoning_details" else "x" * 2_000_000
    stub.reply(Reply(json.dumps(GOOD), extra={field: thought}))
    assert (await model().generate(question())).summary == "up"
    assert len(log.calls()[0].reply) < 1_000_000


@pytest.mark.parametrize("count", [10**30, 10**10, -1, 1e30, True, "many", [3]])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens"])
async def test_an_impossible_count_of_tokens_is_estimated(stub, model, question, log, name, count):
    usage = {"prompt_tokens": 90, "completion_tokens": 12, name: count}
    stub.reply(Reply(json.dumps(GOOD), usage=usage))
    answer = await model().generate(question())
    assert answer.summary == "up"
    (call,) = log.calls()
    assert call.estimated
    assert 0 < getattr(call, name) < 1000


async def test_an_impossible_count_of_cached_tokens_is_none(stub, model, question, log):
    usage = {"prompt_tokens": 90, "completion_tokens": 12, "prompt_tokens_details": {"cached_tokens": 10**30}}
    stub.reply(Reply(json.dumps(GOOD), usage=usage))
    await model().generate(question())
    assert [call.cached_tokens for call in log.calls()] == [0]


async def test_the_names_that_an_endpoint_gives_itself_are_clipped(stub, model, question, log):
    choice = {"message": {"role": "assistant", "content": json.dumps(GOOD)}, "finish_reason": "stop"}
    stub.fail(Fault.text(json.dumps({"choices": [choice], "model": "m" * 10**6, "system_fingerprint": "f" * 10**6})))
    await model().generate(question())
    assert len(log.calls()[0].reply) < 2000


@pytest.mark.parametrize(
    "text", ["{" * 300_000, '{"summary": ' * 30_000, "<think>" * 40_000, '{"a' * 90_000, "[" * 300_000]
)
async def test_a_text_of_brackets_is_refused_quickly(stub, model, question, text):
    stub.reply(text, text)
    assert (await model().generate(question())).cause is AbstentionCause.ANSWER


async def test_parts_of_a_content_that_are_thoughts_are_not_the_answer(stub, model, question):
    parts = [
        {"type": "thinking", "text": json.dumps({**GOOD, "summary": "down"})},
        {"type": "text", "text": json.dumps(GOOD)},
    ]
    choice = {"message": {"role": "assistant", "content": parts}, "finish_reason": "stop"}
    stub.fail(Fault.text(json.dumps({"choices": [choice]})))
    assert (await model().generate(question())).summary == "up"
