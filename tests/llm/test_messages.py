"""Reading completions of servers that differ in the details."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.llm.completion import Completion, MalformedReply, parse_completion
from openoutcry.llm.messages import Message, ToolCall, parse_message

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
EXTRA = st.dictionaries(st.sampled_from(["extra_content", "reasoning", "thought_signature"]), TEXT.filter(bool))
MESSAGES = st.builds(
    Message,
    content=TEXT,
    refusal=TEXT,
    reasoning=TEXT,
    finish=st.sampled_from(["stop", "length", "tool_calls", "content_filter"]),
    tool_calls=st.lists(
        st.builds(ToolCall, st.text("ab", min_size=1), TEXT, TEXT, EXTRA, EXTRA),
        max_size=3,
    ).map(tuple),
    extra=EXTRA,
)


def body(**message: object) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()


@given(MESSAGES)
def test_a_message_survives_the_log(message):
    assert parse_message(message.to_json()) == message


def test_content_in_parts_is_joined():
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, "odd", {"type": "text", "text": "b"}]
    assert parse_completion(body(content=parts), 0).message.content == "ab"


def test_arguments_as_an_object_become_text_and_a_missing_id_a_new_one():
    calls = [{"function": {"name": "bars", "arguments": {"count": 3}}}, {"function": {"name": "news"}}]
    uses = parse_completion(body(content=None, tool_calls=calls), 0).message.tool_calls
    assert uses == (ToolCall("call_0", "bars", '{"count": 3}'), ToolCall("call_1", "news", "{}"))


@pytest.mark.parametrize(
    "usage",
    [{"prompt_tokens": -1}, {"prompt_tokens": True}, {"prompt_tokens": "9"}, [], "none", {"prompt_tokens": 1.5}],
)
def test_usage_that_is_no_count_is_estimated(usage):
    document = json.loads(body(content="12345678")) | {"usage": usage}
    tokens = parse_completion(json.dumps(document).encode(), 40).tokens
    assert (tokens.prompt, tokens.completion, tokens.estimated) == (10, 2, True)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 5}},
        {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 5, "prompt_tokens_details": None},
    ],
)
def test_cached_tokens_are_read_in_both_spellings(usage):
    document = json.loads(body(content="x")) | {"usage": usage}
    assert parse_completion(json.dumps(document).encode(), 0).tokens.cached == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "tool_calls", "function", "name", "usage", "error"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON | JSON.map(lambda message: {"choices": [{"message": message}]}))
def test_any_other_document_is_a_malformed_reply_and_nothing_else(document):
    with contextlib.suppress(MalformedReply):
        assert isinstance(parse_completion(json.dumps(document).encode(), 0), Completion)


@given(st.binary(max_size=60))
def test_any_other_bytes_are_a_malformed_reply_and_nothing_else(raw):
    with pytest.raises(MalformedReply):
        parse_completion(raw, 0)
