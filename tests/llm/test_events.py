"""What is reported about calls: typed events, JSON lines, spans."""

import json
from typing import get_type_hints

import pytest
from openoutcry.llm import events
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.events import (
    AgentAbstained,
    AnswerCorrected,
    CallEvent,
    CallFailed,
    CallFinished,
    CallStarted,
    EventLog,
    FirstToken,
    event_document,
    to_observers,
)
from openoutcry.llm.openai_model import ModelHooks, OpenAIModel
from openoutcry.llm.telemetry import SpanObserver
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.negotiated import Downgrade, NegotiatedTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.llm.transports.traced import TracedTransport
from pydantic import SecretStr
from stub.http_log import Fault

GOOD_TEXT = json.dumps({"summary": "up", "confidence": 0.6, "evidence": ["px.close"]})


@pytest.fixture
async def traced(stub, naps, log):
    made = []

    def make(observer, **hooks):
        endpoint = Endpoint(stub.url, SecretStr(""))
        http = HttpTransport(endpoint, RetryPolicy(attempts=2), sleep=naps)
        transport = TracedTransport(http, observer, timer=iter(range(100)).__next__)
        made.append(OpenAIModel(transport, "quick-1", "deep-1", log, hooks=ModelHooks(events=observer, **hooks)))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


async def test_a_call_is_reported_from_its_start_to_its_end(stub, traced, question, log):
    seen, pieces = [], []
    model = traced(seen.append, tokens=lambda role, piece: pieces.append((role, piece)))
    await model.generate(question())
    (call,) = log.calls()
    started, first, finished = seen
    assert started == CallStarted("technical", call.key, "quick-1")
    assert first == FirstToken("technical", call.key, 1)
    assert isinstance(finished, CallFinished)
    assert (finished.key, finished.endpoint, finished.attempts) == (call.key, stub.url, 1)
    assert (finished.prompt_tokens, finished.completion_tokens) == (call.prompt_tokens, call.completion_tokens)
    assert finished.seconds == 2
    assert {role for role, _ in pieces} == {"technical"}


async def test_a_correction_a_failure_and_an_abstention_are_reported(stub, traced, question):
    seen = []
    stub.reply("no")
    stub.fail(None, Fault.error(401, "bad key"))
    await traced(seen.append).generate(question())
    assert [event.kind for event in seen] == [
        "call_started", "call_finished", "answer_corrected", "call_started", "call_failed", "agent_abstained",
    ]  # fmt: skip
    assert isinstance(seen[2], AnswerCorrected)
    assert isinstance(seen[4], CallFailed)
    assert "bad key" in seen[4].reason
    assert isinstance(seen[5], AgentAbstained)
    assert seen[5].cause == "model"


async def test_each_downgrade_is_reported_once(stub, naps, question, log):
    seen = []
    stub.refuses = frozenset({"json_schema"})
    http = HttpTransport(Endpoint(stub.url, SecretStr("")), RetryPolicy(attempts=1), sleep=naps)
    transport = NegotiatedTransport(http, stub.url, CapabilityStore(), seen.append)
    async with OpenAIModel(transport, "quick-1", "deep-1", log) as model:
        for number in range(2):
            await model.generate(question(user=f"[px.close] {number}"))
    (downgrade,) = seen
    assert isinstance(downgrade, Downgrade)
    assert (downgrade.role, downgrade.model, downgrade.effect) == ("technical", "quick-1", "output_mode")
    assert "json_schema is not supported" in downgrade.complaint


async def test_events_are_lines_of_json_and_reach_every_observer(traced, question, tmp_path):
    seen, path = [], tmp_path / "events.jsonl"
    await traced(to_observers([EventLog(path, lambda: "2025-03-03T21:00:00Z"), seen.append])).generate(question())
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["call_started", "call_finished"]
    assert lines == [{**event_document(event), "at": "2025-03-03T21:00:00Z"} for event in seen]
    assert all(line["v"] == 1 and line["role"] == "technical" for line in lines)


async def test_a_log_that_cannot_be_written_loses_no_answer(traced, question, tmp_path):
    (tmp_path / "file").write_text("")
    answer = await traced(EventLog(tmp_path / "file" / "events.jsonl")).generate(question())
    assert answer.summary


def test_stored_names_of_events_are_written_down_and_differ():
    kinds = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, CallEvent)]
    kinds.remove(CallEvent)
    assert len({kind.kind for kind in kinds}) == len(kinds) == 10
    for kind in kinds:
        assert "kind" in vars(kind), kind
        assert all(hint in {str, int, float, bool} for name, hint in get_type_hints(kind).items() if name != "kind")


async def test_spans_have_the_names_of_the_conventions(stub, traced, question):
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    spans, provider = export.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    model = traced(SpanObserver(provider))
    await model.generate(question())
    stub.fail(Fault.error(401, "bad key"))
    await model.generate(question(user="more"))
    good, bad, abstained = spans.get_finished_spans()
    assert good.name == "chat quick-1"
    assert good.attributes["gen_ai.operation.name"] == "chat"
    assert good.attributes["gen_ai.agent.name"] == "technical"
    assert good.attributes["gen_ai.usage.input_tokens"] > 0
    assert good.attributes["server.address"] == "127.0.0.1"
    assert bad.status.status_code.name == "ERROR"
    assert bad.attributes["error.type"] == "ModelUnavailable"
    assert abstained.attributes["error.type"] == "model"
