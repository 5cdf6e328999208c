"""The stub itself: streaming, timing, faults, and its life as a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from openai import AsyncOpenAI
from openoutcry.domain.outputs import Report
from openoutcry.llm.schema import answer_schema
from stub.answers import evidence_ids, schema_in
from stub.http_log import Fault, Record, Reply, ToolCall, serial_slots
from stub.server import StubServer

CHAT = {"model": "m", "messages": [{"role": "user", "content": "cite [tech.rsi14] or [act.split.2020-08-31]"}]}
FORM = {"type": "json_schema", "json_schema": {"name": "Report", "schema": answer_schema(Report).body}}


@pytest.fixture
async def client(stub):
    async with AsyncOpenAI(base_url=stub.url, api_key="k", max_retries=0) as one:
        yield one


async def test_a_stream_says_the_same_as_the_whole(stub, client):
    stub.filler = stub.filler.__class__(characters=500)
    whole = await client.chat.completions.create(**CHAT, response_format=FORM)
    stream = await client.chat.completions.create(
        **CHAT, response_format=FORM, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len(pieces) > 20
    assert "".join(pieces) == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == whole.usage


async def test_function_calls_are_streamed(stub, client):
    stub.reply(Reply(tool_calls=(ToolCall("bars", '{"count": 3}'),)))
    stream = await client.chat.completions.create(**CHAT, stream=True)
    deltas = [chunk.choices[0].delta async for chunk in stream]
    calls = [call for delta in deltas for call in delta.tool_calls or ()]
    assert [(call.function.name, call.function.arguments) for call in calls] == [("bars", '{"count": 3}')]


async def test_models_are_listed(client):
    assert [model.id async for model in client.models.list()] == ["stub"]


async def test_answers_are_as_long_as_asked_and_cite_the_prompt():
    with StubServer(answer_characters=3000, values={"stance": "bearish"}) as stub:
        async with AsyncOpenAI(base_url=stub.url, api_key="k") as client:
            reply = await client.chat.completions.create(**CHAT, response_format=FORM)
    report = Report.model_validate_json(reply.choices[0].message.content or "")
    assert len(report.summary) == 3000
    assert report.evidence == ("tech.rsi14", "act.split.2020-08-31")
    assert report.stance == "bearish"


async def test_latency_is_kept_for_every_request(stub, client):
    stub.latency_ms = 60
    await asyncio.gather(*(client.chat.completions.create(**CHAT) for _ in range(20)))
    assert min(record.finished - record.arrived for record in stub.requests) >= 0.06


async def test_many_connections_are_served_at_once(stub, client):
    stub.fail(*[Fault.hang()] * 20)
    asked = [asyncio.create_task(client.chat.completions.create(**CHAT)) for _ in range(20)]
    async with asyncio.timeout(20):
        while len(stub.requests) < 20:
            await asyncio.sleep(0.005)
    assert all(record.finished is None for record in stub.requests)
    stub.release()
    await asyncio.gather(*asked)
    assert serial_slots(stub.requests) == 1


def test_serial_slots_count_what_had_to_wait():
    def record(arrived, finished):
        return Record("/", arrived, finished, 200, 0, 1, {}, {})

    together = [record(0.0, 1.0), record(0.5, 1.5)]
    assert serial_slots(together) == 1
    assert serial_slots([*together, record(1.0, 2.0), record(2.0, 3.0), record(9.0, None)]) == 3


def test_ids_and_schemas_are_found_in_prompts():
    assert evidence_ids("[px.close] [Nope] [news.3f2a9c01], [px.close]") == ("px.close", "news.3f2a9c01")
    assert schema_in('say {"a": 1} like {"type": "object", "properties": {}} {broken') == {
        "type": "object",
        "properties": {},
    }
    assert schema_in("{ nothing }") is None


@pytest.fixture
def process():
    tests = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "stub.server", "--port", "0", "--latency-ms", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(tests)}
    ) as running:
        assert running.stdout
        yield running.stdout.readline().strip()
        running.terminate()


async def test_another_process_can_be_programmed_and_read(process):
    root = process.removesuffix("/v1")
    async with httpx.AsyncClient(trust_env=False) as http:
        orders = {
            "faults": [{"kind": "status", "status": 503}, None],
            "replies": ["told"],
            "values": {"stance": "bearish"},
        }
        await http.post(f"{root}/_program", json=orders)
        answers = [
            await http.post(f"{process}/chat/completions", json={**CHAT, "response_format": FORM}) for _ in range(3)
        ]
        seen = (await http.get(f"{root}/_requests")).json()
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    contents = [answer.json()["choices"][0]["message"]["content"] for answer in answers[1:]]
    assert contents[0] == "told"
    assert json.loads(contents[1])["stance"] == "bearish"
    assert [record["status"] for record in seen] == [503, 200, 200]
    assert all(record["arrived"] < record["finished"] for record in seen)
    assert seen[0]["prompt_characters"] == len(CHAT["messages"][0]["content"])
