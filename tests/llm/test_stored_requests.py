"""The request that is stored beside a reply: what the endpoint received, and no secret."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest
from openoutcry.domain.tool_spec import ToolSpec
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.stored_request import stored_request
from pydantic import SecretStr
from stub.http_log import Fault, Reply, ToolCall
from stub.server import StubServer

ODD_KEY = 'pass"word/7+\\x%9f'


class Clock:
    """One function that answers with the key, as a tool that reads a leaky page might."""

    specs = (ToolSpec("quote", "Return a quote.", {"type": "object", "properties": {}}),)

    def __init__(self, said):
        self.said = said

    def call(self, name, arguments):
        return self.said


def bodies(stub):
    """Return the bodies that the stub answered well, in the order in which it did."""
    return [record.body for record in stub.requests if record.status == 200]


def stored(log):
    return [json.loads(call.request) for call in log.calls()]


@pytest.mark.parametrize(
    "refuses", [(), ("json_schema",), ("json_schema", "json_object"), ("json_schema", "json_object", "tools")]
)
async def test_the_request_is_that_which_the_endpoint_took_however_the_answer_is_asked_for(
    question, model, log, refuses
):
    with StubServer(refuses=refuses) as stub:
        await model(stub.url).generate(question(seed=11))
        assert stored(log) == [{"endpoint": stub.url, "body": bodies(stub)[-1]}]
    (body,) = (each["body"] for each in stored(log))
    assert body["seed"] == 11
    assert body["model"] == "quick-1"
    assert "A view on a ticker." in json.dumps(body)  # the schema, wherever this endpoint takes it


async def test_functions_their_results_and_a_second_try_are_stored_as_sent(stub, question, model, log):
    stub.reply(Reply(None, (ToolCall("quote"),)), "no JSON at all")
    await model(max_tool_rounds=1).generate(question(tools=Clock("AAA 100")))
    assert [each["body"] for each in stored(log)] == bodies(stub)
    assert len(bodies(stub)) == 3
    assert bodies(stub)[0]["tools"][0]["function"]["name"] == "quote"
    assert any(message.get("content") == "AAA 100" for message in stored(log)[1]["body"]["messages"])


async def test_a_parameter_that_the_endpoint_refuses_is_not_stored(stub, question, model, log):
    stub.fail(Fault.error(400, "seed is not supported"))
    await model().generate(question(seed=11))
    (request,) = stored(log)
    assert "seed" not in request["body"]
    assert request["body"] == bodies(stub)[-1]


async def test_a_call_from_the_log_keeps_the_request_it_was_made_with(stub, question, model, log):
    await model().generate(question())
    before = log.calls()
    await model().generate(question())
    assert log.calls() == before
    assert len(stub.requests) == 1


async def test_the_key_is_taken_out_of_what_is_said_to_the_model(stub, question, model, log, sentinel):
    stub.reply(Reply(None, (ToolCall("quote"),)))
    tools = Clock(f"{sentinel} {b64encode(sentinel.encode()).decode()} {sentinel.encode().hex()}")
    await model(max_tool_rounds=1).generate(question(user=f"the key is {sentinel}", tools=tools))
    text = "".join(call.request for call in log.calls())
    assert "the key is ***" in text
    assert not [form for form in forms(sentinel) if form in text]


def forms(secret):
    """Return a secret in the ways in which JSON text may hold it."""
    raw = secret.encode()
    return {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe=""), b64encode(raw).decode(), raw.hex()}


@pytest.mark.parametrize("key", ["sk-sentinel-7f3a91c2d4", ODD_KEY])
def test_no_form_of_a_secret_is_left_in_address_or_body(key):
    address = f"https://user:{quote('pass-word')}@host:8443/{quote(key, safe='')}/v1/"
    endpoint = Endpoint(address, SecretStr(key))
    said = " ".join(sorted(forms(key)))
    body = {"model": "m", "messages": [{"role": "user", "content": said}], "tools": ({"name": key},), key: 1}
    text = stored_request(endpoint, body)
    assert json.loads(text)["endpoint"] == "https://host:8443/***/v1"
    assert not [
        form for form in forms(key) if form in text or form in json.loads(text)["body"]["messages"][0]["content"]
    ]
    assert "pass-word" not in text
    assert "user" not in json.loads(text)["endpoint"]


def test_equal_requests_have_equal_texts():
    endpoint = Endpoint(None, SecretStr(""))
    assert stored_request(endpoint, {"a": 1, "b": "é\ud800"}) == stored_request(endpoint, {"b": "é\ud800", "a": 1})
    assert stored_request(endpoint, {"b": "é\ud800"}).isascii()


def test_a_placeholder_for_a_key_changes_no_word_of_a_prompt():
    body = {"messages": [{"role": "user", "content": "the latest test"}]}
    text = stored_request(Endpoint("http://localhost:11434/v1", SecretStr("test")), body)
    assert json.loads(text)["body"] == body
