"""Error texts of real servers, and what each means."""

import csv
import json
from pathlib import Path

import pytest
from openoutcry.domain.outputs import Report
from openoutcry.llm.capabilities import Capabilities, OutputMode, RejectionEffect, SystemRole, TokenLimit
from openoutcry.llm.chat import ChatRequest, Parameters
from openoutcry.llm.rejections import classify, complaint_in, error_text, rejection_patterns
from openoutcry.llm.request_body import request_body
from openoutcry.llm.schema import answer_schema
from stub.http_log import Fault

TABLE = Path(__file__).with_name("error_texts.csv")
SAID = [
    (int(row["status"]), row["text"], RejectionEffect(row["effect"]) if row["effect"] else None)
    for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("status", "text", "effect"), SAID)
def test_an_error_text_means(status, text, effect):
    assert classify(status, text) is effect


def test_every_row_has_a_source_and_matches_something():
    assert all(row.source and row.statuses for row in rejection_patterns())
    used = {
        next(n for n, row in enumerate(rejection_patterns()) if status in row.statuses and row.pattern.search(text))
        for status, text, effect in SAID
        if effect
    }
    assert used >= set(range(len(rejection_patterns())))


def test_the_echo_of_a_request_is_no_complaint():
    body = {"detail": [{"loc": ["body", "messages"], "msg": "Field required", "input": {"tools": [], "seed": 1}}]}
    assert complaint_in(json.dumps(body)) == "body.messages Field required"
    assert classify(422, complaint_in(json.dumps(body))) is None


def test_the_error_of_the_provider_behind_a_gateway_is_read():
    raw = json.dumps({"error": {"message": "System role not supported"}})
    body = json.dumps({"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}})
    assert classify(400, complaint_in(body)) is RejectionEffect.SYSTEM_ROLE
    assert error_text(body) == "Provider returned error System role not supported"


@pytest.mark.parametrize("body", ["", "<html>no</html>", "[" * 50_000, '"text"', "null", "[1, 2]", '{"a": 1}'])
def test_any_body_is_read(body):
    assert isinstance(complaint_in(body), str)


def request(**changes):
    given = {"capabilities": Capabilities(), "parameters": Parameters(temperature=0.5, max_tokens=9), "seed": 1}
    return ChatRequest("r", "m", "system", "user", answer_schema(Report), **{**given, **changes})


def test_parameters_have_the_name_that_the_endpoint_takes():
    body = request_body(request())
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.5, 9, 1)
    has = Capabilities(token_limit=TokenLimit.MAX_COMPLETION_TOKENS, temperature=False, seed=False)
    body = request_body(request(capabilities=has))
    assert body["max_completion_tokens"] == 9
    assert not {"temperature", "max_tokens", "seed"} & set(body)


def test_the_system_prompt_goes_where_the_endpoint_takes_it():
    def opening(system, mode=OutputMode.JSON_SCHEMA):
        return request_body(request(capabilities=Capabilities(mode, system=system)))["messages"]

    assert opening(SystemRole.DEVELOPER)[0] == {"role": "developer", "content": "system"}
    assert opening(SystemRole.FOLDED) == [{"role": "user", "content": "system\n\nuser"}]
    (folded,) = opening(SystemRole.FOLDED, OutputMode.JSON_OBJECT)
    assert "JSON schema" in folded["content"]


@pytest.mark.parametrize("code", ["tool_use_failed", "json_validate_failed"])
async def test_a_transient_rejection_is_asked_again_and_lowers_nothing(stub, model, question, code):
    stub.fail(Fault.text(json.dumps({"error": {"message": "Failed to do it.", "code": code}}), 400))
    asker = model()
    assert (await asker.generate(question())).summary
    assert (await asker.generate(question(user="[px.close] more"))).summary
    assert {chat.format for chat in stub.chats} == {"json_schema"}
    assert len(stub.requests) == 3


async def test_an_answer_that_the_endpoint_refuses_every_time_is_an_invalid_answer(stub, model, question):
    fault = Fault.text('{"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}}', 400)
    stub.fail(*[fault] * 3)
    assert (await model().generate(question())).cause == "answer"


@pytest.mark.parametrize(
    ("status", "text", "remedy"),
    [
        (400, "maximum context length is 8192 tokens", "context window"),
        (413, "Payload Too Large", "too long"),
        (404, "The model `gpt-9` does not exist", "check --model"),
        (402, "Insufficient Balance", "add credit"),
        (400, "filtered due to content management policy", "content filter"),
        (401, "Incorrect API key", "OPENAI_API_KEY"),
        (403, "not for you", "another --model"),
    ],
)
async def test_each_final_rejection_has_its_own_remedy(stub, model, question, status, text, remedy):
    stub.fail(Fault.error(status, text))
    outcome = await model().generate(question())
    assert text in outcome.reason
    assert remedy in outcome.reason
    assert len(stub.requests) == 1


async def test_a_rejection_of_something_that_was_not_sent_is_final(stub, model, question):
    stub.fail(Fault.error(400, "temperature is out of range"))
    assert (await model().generate(question())).cause == "model"
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    ("parameter", "text", "absent"),
    [
        ("temperature", "Unsupported value: 'temperature'", "temperature"),
        ("max_tokens", "max_tokens is not supported, use max_completion_tokens", "max_tokens"),
    ],
)
async def test_a_parameter_that_is_not_accepted_is_left_out_from_then_on(
    stub, model, question, parameter, text, absent
):
    stub.fail(Fault.error(400, text))
    asker = model(parameters=Parameters(**{parameter: 1}))
    for number in range(2):
        assert not hasattr(await asker.generate(question(user=f"[px.close] {number}")), "cause")
    assert [absent in chat.body for chat in stub.chats] == [True, False, False]
