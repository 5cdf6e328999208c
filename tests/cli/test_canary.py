"""A key in the environment is in no byte of state, logs, reports, traces and tracebacks, in any encoding."""

import base64
import html
import json
import logging
import urllib.parse
from itertools import cycle

import pytest
from openoutcry.llm.secret_forms import redact_text, secret_pattern
from scripted_answers import TICKER
from stub.http_log import Fault, Reply, ToolCall
from stub.server import StubServer

PLAIN = "sk-canary-5e1f0a9b77c34d2a"
SPECIAL = 'canary/5e+1f"0a&9b=77%c3<4d>\\2a~'


def encodings(key):
    """Return the key in the encodings of programs, computed apart from the code."""
    raw = key.encode()
    escaped = json.dumps(key)[1:-1]
    found = {
        "plain": key,
        "json": escaped,
        "json twice": json.dumps(escaped)[1:-1],
        "python": repr(key)[1:-1],
        "url": urllib.parse.quote(key),
        "url, all": urllib.parse.quote(key, safe=""),
        "url, plus": urllib.parse.quote_plus(key),
        "url, small letters": urllib.parse.quote(key, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "html": html.escape(key),
        "base64": base64.b64encode(raw).decode().rstrip("="),
        "base64, url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
    for before in ("Bearer ", "user:", "x"):
        found[f"base64 after {before}"] = base64.b64encode(before.encode() + raw).decode()
    return found


def echoes(key):
    """Return faults of an endpoint that says the key in every encoding, in bodies of every kind."""
    said = " and ".join(encodings(key).values())
    return [
        Fault.error(500, f"debug: {said}"),
        Fault.error(429, f"slow down, {key}"),
        Fault("status", 503, {"content-type": "text/html", "x-key": key}, f"<html>{said}</html>"),
        Fault.text(f"not JSON: {said}"),
        Fault.text(json.dumps({"error": {"message": said, "code": 502}})),
        Fault.reset(),
        Fault.truncated(),
        None,
        Fault.error(400, f"unknown parameter seed for {said}"),
        None,
        None,
        Fault.text(json.dumps({"choices": [{"finish_reason": "error", "error": {"message": said}, "message": {}}]})),
    ]


class Talkative:
    """A model that says the key in texts, reasoning, refusals, names and arguments of functions."""

    def __init__(self, stub, key):
        self.stub, self.said = stub, " ".join(encodings(key).values())
        self.turns = cycle(("answer", "prose", "answer", "refusal", "answer", "tool"))

    def __call__(self, request):
        turn = next(self.turns)
        extra = {"reasoning_content": f"my key is {self.said}", "reasoning_details": [{"text": self.said}]}
        if turn == "prose":
            return Reply(f"I know the key: {self.said}", extra=extra)
        if turn == "refusal":
            return Reply(None, refusal=f"I refuse: {self.said}", extra=extra)
        if turn == "tool" and request.body.get("tool_choice") == "auto":
            call = ToolCall(f"send_{self.said}"[:60], json.dumps({"key": self.said}))
            return Reply(None, (call,), extra=extra, call_extra={"signature": self.said})
        answer = self.stub.filler.fill(request.schema, request.prompt)
        for name in {"summary", "claim", "reason", "rationale", "invalidation"} & set(answer):
            answer[name] = f"{answer[name]} {self.said}"
        return Reply(json.dumps(answer), extra=extra)


def leaks(key, data):
    """Return the encodings of the key, or of a large part of it, that occur in bytes."""
    parts = encodings(key) | {"beginning": key[:16], "end": key[-16:]}
    parts |= {name: form[12:-4] for name, form in parts.items() if name.startswith("base64 after")}
    return [name for name, form in parts.items() if form.encode() in data]


@pytest.mark.parametrize("key", [PLAIN, SPECIAL])
def test_after_a_run_full_of_faults_the_key_is_nowhere(openoutcry, home, monkeypatch, tmp_path, caplog, key):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "httpcore2")  # its debugging traces what the server itself sent
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    monkeypatch.setenv("OPENOUTCRY_MEMORY__EMBEDDER", "openai:vectors")
    said, spans = [], _traces(monkeypatch)
    with StubServer() as stub:
        stub.responder = Talkative(stub, key)
        address = stub.url.replace("http://", f"http://user:{PLAIN}@")
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        ask = ("--model", "openai:gpt-5-mini", "--base-url", stub.url, "--record", "--report", tmp_path / "report.html")
        for number, day in enumerate(("2024-01-05", "2024-03-05", "2024-06-03")):
            stub.fail(*echoes(key)[number:], *echoes(key)[:number])
            said.append(openoutcry("--debug", "decide", TICKER, "--as-of", day, *ask, "--json"))
            stub.heal()
        said.append(openoutcry("decide", TICKER, "--as-of", "2024-06-03", *ask, "--report", tmp_path / "report.md"))
        said.append(openoutcry("decide", TICKER, "--as-of", "2024-06-04", "--model", "openai:m", "--base-url", address))
        said.append(openoutcry("doctor", "--offline"))
        authorized = [record.headers["authorization"] for record in stub.requests]
    said.append(openoutcry("runs", "export", "latest", "--file", tmp_path / "run.recording"))
    said.append(openoutcry("runs", "show", "latest"))
    assert f"Bearer {key}" in authorized, "the key was used"
    assert f"Basic {base64.b64encode(f'user:{PLAIN}'.encode()).decode()}" in authorized, "the password was used"
    assert {ran.code for ran in said} <= {0, 2, 3, 5}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"runs.db", "recordings.db", "report.html", "report.md", "run.recording"} <= {path.name for path in files}
    assert any(path.suffix == ".jsonl" for path in files), "events of calls were written"
    for path in files:
        assert not leaks(key, path.read_bytes()), path
        assert PLAIN.encode() not in path.read_bytes(), path
    assert spans.get_finished_spans()
    traces = "".join(span.to_json() for span in spans.get_finished_spans())
    for text in (traces, *(ran.out for ran in said), *(ran.err for ran in said), caplog.text):
        assert not leaks(key, text.encode())


def _traces(monkeypatch):
    """Turn on telemetry, and return the exporter that keeps its spans."""
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    spans, provider = export.InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setenv("OPENOUTCRY_TELEMETRY", "true")
    return spans


def test_a_traceback_with_local_variables_does_not_show_the_key(monkeypatch):
    import asyncio
    import traceback

    from openoutcry.domain.errors import ModelError
    from openoutcry.domain.outputs import Report
    from openoutcry.llm.chat import ChatRequest
    from openoutcry.llm.endpoint import Endpoint
    from openoutcry.llm.schema import answer_schema
    from openoutcry.llm.transports.http import HttpTransport
    from openoutcry.llm.transports.retry_policy import RetryPolicy
    from pydantic import SecretStr

    async def ask(stub):
        http = HttpTransport(Endpoint(stub.url, SecretStr(SPECIAL)), RetryPolicy(attempts=1))
        try:
            await http.complete(ChatRequest("role", "m", "system", "user", answer_schema(Report)))
        except ModelError as error:
            ours = error.with_traceback(error.__traceback__.tb_next)  # the frame of this test knows the key
            shown = "".join(traceback.TracebackException.from_exception(ours, capture_locals=True).format())
        finally:
            await http.aclose()
        return shown

    for fault in filter(None, echoes(SPECIAL)):
        with StubServer() as stub:
            stub.fail(fault)
            shown = asyncio.run(ask(stub))
        assert "in complete" in shown
        assert not leaks(SPECIAL, shown.encode())


@pytest.mark.parametrize("key", [PLAIN, SPECIAL, "a" * 8, "k3y-0123456789-abcdef"])
def test_every_encoding_is_redacted_wherever_it_occurs(key):
    for name, form in encodings(key).items():
        for text in (form, f"before {form} after", f"x{form}y"):
            assert not leaks(key, redact_text(text, [key]).encode()) or key == "a" * 8, name
        assert "***" in redact_text(form, [key]), name


def test_a_short_placeholder_is_no_secret():
    assert secret_pattern("ollama") is None
    assert redact_text("ollama runs", ["ollama"]) == "ollama runs"
