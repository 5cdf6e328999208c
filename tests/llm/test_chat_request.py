"""The key of a request: stable across versions and capabilities, and different for whatever a reply depends on."""

import json
from dataclasses import replace

import pytest
from openoutcry.domain.tool_spec import ToolSpec
from openoutcry.llm.capabilities import Capabilities, OutputMode
from openoutcry.llm.chat import ChatRequest, Parameters
from openoutcry.llm.conversation import Conversation
from openoutcry.llm.messages import parse_message
from openoutcry.llm.port import ModelRequest, Tier
from openoutcry.llm.request_body import request_body
from openoutcry.llm.schema import answer_schema
from pydantic import BaseModel

CALLED = json.dumps(
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "bars", "arguments": "{}"}}],
        "reasoning_content": "hm",
        "finish_reason": "tool_calls",
    }
)
STORED_KEYS = (
    "725b024055b5aeb567c82d059dc039905b08f1580780c3abf894cca55a11b9ff",
    "25da026437e9ce2b6f9fbb7b8b28a36e0cdb8303fa01ca59cb6a06a191fbf604",
    "2eda2fef0edee7a9cf4b30be07fde0a9521c5b82c18796192fa5a50d1ad16d62",
    "a61fc042b5f22fb257842d0c466e4956bfeb82183892216988714eb6e9547bb9",
)
"""Keys under which version 0.1.0 stored the calls of this conversation."""


class View(BaseModel):
    """A view."""

    summary: str


class Tape:
    specs = (ToolSpec("bars", "Return the last bars.", {"type": "object", "properties": {}}),)

    def call(self, name, arguments):
        return "bars gave 100"


def conversation():
    request = ModelRequest(
        "technical", Tier.QUICK, "You read the tape.", "[px.close] é 100.", View, tools=Tape(), seed=7
    )
    return Conversation(request, "quick-1")


def test_runs_of_the_first_version_find_their_calls_again():
    talk = conversation()
    keys = [talk.chat_request(tools_open=True).key, talk.chat_request(tools_open=False).key]
    talk.add_results(parse_message(CALLED), ["bars gave 100"])
    keys.append(talk.chat_request(tools_open=True).key)
    talk.add_correction(parse_message('{"content": "no"}'), "it is not a JSON object")
    keys.append(talk.chat_request(tools_open=False).key)
    assert tuple(keys) == STORED_KEYS


@pytest.fixture
def request_():
    return ChatRequest("r", "m", "system", "user", answer_schema(View), tools=Tape.specs, seed=1)


def test_how_a_request_is_made_is_no_part_of_its_key(request_):
    weaker = replace(request_, capabilities=Capabilities(OutputMode.PLAIN, tools=False), observer=print)
    assert weaker.key == request_.key
    assert weaker == request_
    assert request_body(weaker) != request_body(request_)


@pytest.mark.parametrize(
    "change",
    [
        {"role": "x"}, {"model": "x"}, {"system": "x"}, {"user": "x"}, {"seed": None}, {"seed": 2}, {"sample": 1},
        {"tools": ()}, {"tools_open": True}, {"parameters": Parameters(temperature=0.0)},
        {"parameters": Parameters(max_tokens=1)}, {"turns": (parse_message(CALLED),)},
    ],
)  # fmt: skip
def test_whatever_a_reply_depends_on_is_part_of_the_key(request_, change):
    assert replace(request_, **change).key != request_.key


def test_a_signature_is_part_of_the_key_and_goes_back_untouched(request_):
    document = json.loads(CALLED)
    document["tool_calls"][0]["extra_content"] = {"google": {"thought_signature": "c2ln"}}
    document["reasoning_details"] = [{"type": "reasoning.text", "signature": "c2ln"}]
    signed = replace(request_, turns=(parse_message(json.dumps(document)),))
    assert signed.key != replace(request_, turns=(parse_message(CALLED),)).key
    sent = request_body(signed)["messages"][-1]
    assert sent["content"] is None
    assert sent["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "c2ln"}}
    assert sent["reasoning_details"] == [{"type": "reasoning.text", "signature": "c2ln"}]
    assert "finish_reason" not in sent


def test_canonical_json_is_ascii_and_sorted(request_):
    text = replace(request_, user="é\ud800").canonical()
    assert text.isascii()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
