"""Each rung of the ladder, learnt from the stub's refusals."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.llm.capabilities import Capabilities, OutputMode, RejectionEffect, SystemRole, TokenLimit
from stub.http_log import Fault, Reply, ToolCall

GOOD_TEXT = json.dumps({"summary": "up", "confidence": 0.6, "evidence": ["px.close"]})
RUNGS = {
    OutputMode.JSON_SCHEMA: frozenset(),
    OutputMode.JSON_OBJECT: frozenset({"json_schema"}),
    OutputMode.TOOL_CALL: frozenset({"json_schema", "json_object"}),
    OutputMode.PLAIN: frozenset({"json_schema", "json_object", "tools"}),
}


@pytest.mark.parametrize("rung", RUNGS)
async def test_a_model_is_asked_on_the_best_rung_that_it_has_and_that_is_remembered(stub, model, question, rung):
    stub.refuses = RUNGS[rung]
    asker = model()
    assert not isinstance(await asker.generate(question()), Abstention)
    assert len(stub.requests) == rung + 1
    assert not isinstance(await asker.generate(question(user="[px.close] more")), Abstention)
    assert len(stub.requests) == rung + 2, "a refusal is not bought twice"


async def test_json_mode_is_told_the_schema_and_the_word_json(stub, model, question):
    stub.refuses = RUNGS[OutputMode.JSON_OBJECT]
    await model().generate(question())
    asked = stub.chats[-1]
    assert asked.body["response_format"] == {"type": "json_object"}
    assert "json" in asked.messages[0]["content"].lower()
    assert asked.schema["required"] == ["summary", "confidence", "evidence"]


async def test_the_answer_can_be_a_forced_function_call(stub, model, question):
    stub.refuses = RUNGS[OutputMode.TOOL_CALL]
    answer = await model().generate(question())
    asked = stub.chats[-1]
    assert asked.forced_tool in asked.tools
    assert "response_format" not in asked.body
    assert answer.evidence == ("tech.rsi14", "px.close")


async def test_a_plain_prompt_holds_the_schema_in_the_users_words(stub, model, question):
    stub.refuses = RUNGS[OutputMode.PLAIN]
    await model().generate(question())
    asked = stub.chats[-1]
    assert not {"response_format", "tools", "tool_choice"} & set(asked.body)
    assert asked.messages[0]["content"] == "You read the tape."
    assert '"additionalProperties":false' in asked.messages[1]["content"]


@pytest.mark.parametrize("rung", RUNGS)
async def test_a_bad_answer_can_be_mended_on_every_rung(stub, model, question, rung):
    stub.refuses = RUNGS[rung]
    stub.reply("no", GOOD_TEXT)
    answer = await model().generate(question())
    assert answer.summary == "up"


async def test_a_bad_forced_call_goes_back_as_words(stub, model, question):
    stub.refuses = RUNGS[OutputMode.TOOL_CALL]
    stub.reply(Reply(tool_calls=(ToolCall("submit_answer", '{"summary": ""}'),)), GOOD_TEXT)
    assert (await model().generate(question())).summary == "up"
    said = stub.chats[-1].messages[2]
    assert said == {"role": "assistant", "content": '{"summary": ""}'}


async def test_models_of_one_endpoint_have_their_own_ladders(stub, model, question):
    stub.fail(Fault.error(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported"))
    asker = model()
    await asker.generate(question())
    await asker.generate(question(tier="deep"))
    assert [chat.format for chat in stub.chats] == ["json_schema", "json_object", "json_schema"]


async def test_parallel_refusals_step_down_once(stub, model, question):
    stub.refuses = RUNGS[OutputMode.JSON_OBJECT]
    asker = model()
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"{n}")) for n in range(4)))
    assert not any(isinstance(outcome, Abstention) for outcome in outcomes)
    assert {chat.format for chat in stub.chats} == {"json_schema", "json_object"}


async def test_what_parallel_refusals_teach_is_all_remembered(stub, model, question):
    stub.latency_ms = 40  # both are under way before either is refused
    stub.fail(Fault.error(400, "unknown parameter: seed"), Fault.error(400, "no such response_format"))
    asker = model()
    await asyncio.gather(*(asker.generate(question(user=f"{n}", seed=n)) for n in range(2)))
    stub.requests.clear()
    await asker.generate(question(seed=3))
    (asked,) = stub.chats
    assert asked.format == "json_object"
    assert "seed" not in asked.body


async def test_an_unprocessable_entity_counts_as_a_refusal_too(stub, model, question):
    stub.fail(Fault.error(422, "response_format.type: `json_schema` is unavailable now"))
    assert not isinstance(await model().generate(question()), Abstention)
    assert stub.chats[-1].format == "json_object"


async def test_a_seed_that_is_refused_is_left_out(stub, model, question):
    stub.fail(Fault.error(400, "Unsupported parameter: 'seed'"))
    asker = model()
    assert not isinstance(await asker.generate(question(seed=1)), Abstention)
    await asker.generate(question(seed=2))
    assert ["seed" in chat.body for chat in stub.chats] == [True, False, False]


@pytest.mark.parametrize(
    "complaint",
    [
        "the temperature must be positive",
        "maximum context length is 8192 tokens, you sent 9000 (8000 in the messages, 1000 in the functions)",
    ],
)
async def test_a_refusal_that_is_not_about_abilities_is_final(stub, model, question, complaint):
    stub.fail(Fault.error(400, complaint))
    outcome = await model().generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert complaint in outcome.reason
    assert len(stub.requests) == 1


async def test_an_endpoint_that_refuses_everything_is_given_up(stub, model, question):
    stub.fail(*[Fault.error(400, "response_format, tools and seed are unknown")] * 20)
    outcome = await model().generate(question(seed=1))
    assert outcome.cause is AbstentionCause.MODEL
    assert len(stub.requests) <= 7


CAPABILITIES = st.builds(
    Capabilities,
    mode=st.sampled_from(OutputMode),
    tools=st.booleans(),
    tools_with_format=st.booleans(),
    seed=st.booleans(),
    system=st.sampled_from(SystemRole),
    stream_only=st.booleans(),
    stream_options=st.booleans(),
    token_limit=st.sampled_from(TokenLimit),
    temperature=st.booleans(),
)
EFFECTS = st.sampled_from(RejectionEffect)


@given(CAPABILITIES, EFFECTS)
def test_a_rejection_never_gives_a_capability_back(capabilities, effect):
    remaining = capabilities.downgrade(effect)
    assert remaining.intersect(capabilities) == remaining


@given(CAPABILITIES, EFFECTS)
def test_the_same_rejection_soon_changes_nothing(capabilities, effect):
    for _ in range(6):
        capabilities = capabilities.downgrade(effect)
    assert capabilities.downgrade(effect) == capabilities


@given(CAPABILITIES, CAPABILITIES)
def test_what_two_requests_learnt_does_not_depend_on_the_order(one, other):
    assert one.intersect(other) == other.intersect(one)
    assert one.intersect(one) == one
