"""Streamed answers: assembled to the same completion, observed piece by piece, and failed where they break off."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.outputs import Report
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.chat import ChatRequest
from openoutcry.llm.completion import MalformedReply, UpstreamError
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.schema import answer_schema
from openoutcry.llm.streaming import BrokenStream, EventLines, StreamAssembler
from openoutcry.llm.transports.errors import EndpointOutage
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import SecretStr
from stub.http_log import Fault, Reply, ToolCall

REQUEST = ChatRequest("technical", "m", "system", "user", answer_schema(Report))


@pytest.fixture
async def transport(stub, naps):
    made = HttpTransport(Endpoint(stub.url, SecretStr("")), RetryPolicy(attempts=2), sleep=naps)
    yield made
    await made.aclose()


def observed(pieces):
    return ChatRequest("technical", "m", "system", "user", answer_schema(Report), observer=pieces.append)


async def test_an_observer_gets_the_pieces_and_the_caller_the_whole(stub, transport):
    pieces = []
    whole = await transport.complete(REQUEST)
    streamed = await transport.complete(observed(pieces))
    assert len(pieces) > 5
    assert "".join(pieces) == streamed.message.content == whole.message.content
    assert streamed.tokens == whole.tokens
    assert [chat.body.get("stream") for chat in stub.chats] == [None, True]


async def test_calls_reasoning_and_signatures_are_assembled(stub, transport):
    calls = (ToolCall("bars", '{"count": 3}', "id-1"), ToolCall("news", "", "id-2"))
    extra = {"reasoning": "hm", "reasoning_details": [{"type": "t", "signature": "s"}]}
    stub.reply(*[Reply(None, calls, extra=extra, call_extra={"extra_content": {"google": {"sig": "x"}}})] * 2)
    whole, streamed = await transport.complete(REQUEST), await transport.complete(observed([]))
    assert streamed.message.tool_calls == whole.message.tool_calls
    assert streamed.message.tool_calls[0].extra == {"extra_content": {"google": {"sig": "x"}}}


async def test_a_stream_that_breaks_is_tried_again_and_its_tokens_are_booked(stub, transport):
    stub.fail(Fault.broken_stream())
    completion = await transport.complete(observed([]))
    assert len(stub.requests) == 2
    assert completion.lost.prompt > 0
    assert completion.lost.completion > 0
    assert completion.lost.estimated


async def test_a_stream_that_breaks_every_time_is_a_failed_call_whose_tokens_count_against_the_budget(
    stub, model, question, log
):
    stub.fail(*[Fault.broken_stream()] * 3)
    budget = Budget(caps=BudgetCaps(max_calls=3))
    asker = model(tokens=lambda role, piece: None, budget=budget)
    outcome = await asker.generate(question())
    assert "broke off" in outcome.reason
    assert not log.calls()
    assert budget.booked.tokens > 30
    assert (await asker.generate(question())).cause is AbstentionCause.BUDGET
    assert len(stub.requests) == 3


async def test_an_endpoint_that_ignores_the_wish_to_stream_is_understood(stub, transport):
    body = json.dumps({"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]})
    stub.fail(Fault.text(body))
    assert (await transport.complete(observed([]))).message.content == "whole"


async def test_an_error_inside_the_stream_is_an_outage(stub, transport):
    event = 'data: {"error": {"message": "Upstream idle timeout", "code": 504}, "choices": []}\n\n'
    stub.fail(*[Fault("status", 200, {"content-type": "text/event-stream"}, event)] * 2)
    with pytest.raises(EndpointOutage, match="Upstream idle timeout"):
        await transport.complete(observed([]))


EVENTS = [
    json.dumps({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
    for piece in ("über", " ", "{1}")
]


@given(st.lists(st.integers(1, 40), min_size=1))
def test_events_are_read_however_the_bytes_are_cut(sizes):
    raw = "".join(f": ping\nevent: x\ndata: {event}\r\n\n" for event in [*EVENTS, "[DONE]"]).encode()
    lines, assembler, place, turn = EventLines(), StreamAssembler(0), 0, 0
    while place < len(raw):
        size = sizes[turn % len(sizes)]
        for data in lines.feed(raw[place : place + size]):
            assembler.add(data)
        place, turn = place + size, turn + 1
    assert assembler.completion().message.content == "über {1}"


def test_a_stream_without_an_end_is_broken():
    assembler = StreamAssembler(40)
    for event in EVENTS:
        assembler.add(event)
    with pytest.raises(BrokenStream):
        assembler.completion()
    assert assembler.tokens_so_far().prompt == 10


@pytest.mark.parametrize("data", ["{", "[]", '{"choices": [{"delta": 3}]}', '{"choices": 3}', "3"])
def test_an_event_that_is_no_chunk_is_malformed(data):
    with pytest.raises(MalformedReply):
        StreamAssembler(0).add(data)


def test_an_error_event_is_named():
    with pytest.raises(UpstreamError, match="overloaded"):
        StreamAssembler(0).add('{"error": "overloaded"}')


@pytest.mark.parametrize(
    "deltas",
    [
        [
            {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}},
            {"index": 0, "function": {"arguments": ": 1}"}},
        ],
        [{"id": "a", "function": {"name": "f", "arguments": '{"x"'}}, {"function": {"arguments": ": 1}"}}],
        [{"id": "a", "function": {"name": "f"}}, {"id": "a", "function": {"arguments": '{"x": 1}'}}],
    ],
    ids=["index", "last", "id"],
)  # fmt: skip
def test_pieces_of_one_call_are_joined(deltas):
    assembler = StreamAssembler(0)
    for delta in deltas:
        assembler.add(json.dumps({"choices": [{"delta": {"tool_calls": [delta]}}]}))
    assembler.add("[DONE]")
    (call,) = assembler.completion().message.tool_calls
    assert (call.id, call.name, call.arguments) == ("a", "f", '{"x": 1}')
