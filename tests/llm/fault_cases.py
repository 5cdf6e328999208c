"""Faults of endpoints and models as data: what is sent in place of a good reply, and what becomes of it."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from openoutcry.domain.outputs import OrderPlan, SingleAgentOutput
from pydantic import BaseModel

from ..stub.http_log import ChatRequest, Fault, Reply, ToolCall
from .reading_cases import CASES
from .reading_cases.builders import Answer, Case, Result, message

BODY_LIMIT = 200_000
"""Bytes of a body that the tests of the faults accept, so that a larger one is small enough for many requests."""


class Ending(StrEnum):
    """What becomes of a fault."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired and recorded"
    ASKED_AGAIN = "asked again"
    TRIED_AGAIN = "tried again"
    GONE_WITHOUT = "goes on without the feature"
    NO_ANSWER = "abstains: answer (3)"
    UNCITED = "abstains: citation (3)"
    NO_MODEL = "abstains: model (5)"


ABSTAINS = frozenset({Ending.NO_ANSWER, Ending.UNCITED, Ending.NO_MODEL})


@dataclass(frozen=True)
class Asked:
    """One request at which a fault can happen, with the good answer to it and another valid one."""

    request: ChatRequest
    good: Answer
    other: Answer

    def well(self) -> Reply:
        """Return the good reply."""
        return answered(self.request, json.dumps(self.good))


Serve = Callable[[Asked], Fault | Reply]


def always(_: type[BaseModel]) -> bool:
    """Return True: the fault can happen to every answer."""
    return True


@dataclass(frozen=True)
class FaultCase:
    """One fault.

    Attributes:
        section: where the table shows it.
        serve: returns what is sent in place of the good reply.
        once: the ending if only the first request of the role meets the fault.
        lasting: the ending if every request meets it; None where that is the same.
        applies: returns whether the fault can happen to an answer of this class.
        expected: returns the answer that is read, from the good one.
        streamed: the answers are requested as streams.
        hangs: the request waits until its time limit.
        rounds: the requests that one answer takes.
    """

    name: str
    section: str
    serve: Serve
    once: Ending
    lasting: Ending | None = None
    applies: Callable[[type[BaseModel]], bool] = always
    expected: Callable[[Answer], Answer] = dict
    streamed: bool = False
    hangs: bool = False
    rounds: int = 1

    def ending(self, lasting: bool) -> Ending:
        """Return the ending of the fault."""
        return self.lasting if lasting and self.lasting is not None else self.once


def answered(request: ChatRequest, text: str) -> Reply:
    """Return a reply with the answer `text`, as a function call where one is forced."""
    if request.forced_tool:
        return Reply(tool_calls=(ToolCall(request.forced_tool, text),))
    return Reply(text)


def _fixed(fault: Fault | Reply) -> Serve:
    return lambda _: fault


def _passing(name: str, section: str, fault: Fault | Reply, **options: Any) -> FaultCase:
    """Return a fault that another attempt can cure."""
    return FaultCase(name, section, _fixed(fault), Ending.TRIED_AGAIN, Ending.NO_MODEL, **options)


def _final(name: str, section: str, fault: Fault | Reply) -> FaultCase:
    """Return a fault that no other attempt can cure."""
    return FaultCase(name, section, _fixed(fault), Ending.NO_MODEL)


def _misread(name: str, section: str, serve: Serve, **options: Any) -> FaultCase:
    """Return a reply that cannot be used and is asked for once more."""
    return FaultCase(name, section, serve, Ending.ASKED_AGAIN, Ending.NO_ANSWER, **options)


def _accepted(name: str, section: str, serve: Serve, **options: Any) -> FaultCase:
    return FaultCase(name, section, serve, Ending.ACCEPTED, **options)


def _lacking(name: str, refused: Callable[[ChatRequest], bool], fault: Fault) -> FaultCase:
    """Return the refusal of a feature: the fault lasts as long as a request uses the feature."""

    def serve(asked: Asked) -> Fault | Reply:
        return fault if refused(asked.request) else asked.well()

    return FaultCase(name, "Features", serve, Ending.GONE_WITHOUT)


def _completion(choice: object, **more: object) -> Fault:
    return Fault.text(json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], **more}))


def _inside(message_text: str, code: object, *, in_choice: bool = False) -> Fault:
    """Return a reply of status 200 with an error in it."""
    error = {"message": message_text, "code": code}
    if not in_choice:
        return Fault.text(json.dumps({"error": error}))
    return _completion({"finish_reason": "error", "error": error, "message": {"role": "assistant", "content": ""}})


def _packed(body: bytes) -> Fault:
    return Fault("status", 200, {"content-encoding": "gzip"}, body)


def _events(*events: str) -> Fault:
    body = "".join(f"data: {event}\n\n" for event in events)
    return Fault("status", 200, {"content-type": "text/event-stream"}, body)


def _piece(text: str, finish: str | None = None) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def _streamed_good(*after: str, finish: str | None = "stop", done: bool = True) -> Serve:
    """Return a stream of the good answer, followed by the events `after`."""

    def serve(asked: Asked) -> Fault:
        text = json.dumps(asked.good)
        ends = [_piece("", finish)] if finish else []
        return _events(_piece(text[:9]), _piece(text[9:]), *after, *ends, *(["[DONE]"] if done else []))

    return serve


LARGE = "x" * (BODY_LIMIT + 1)
GOOD_MESSAGE = {"role": "assistant", "content": "{}"}
DATE_OF_THE_PAST = "Thu, 01 Jan 2015 00:00:00 GMT"

CONNECTION: tuple[FaultCase, ...] = (
    _passing("the connection is reset", "Connection", Fault.reset()),
    _passing("the connection closes inside the body", "Connection", Fault.truncated()),
    FaultCase("no answer within the time limit", "Connection", _fixed(Fault.hang()), Ending.NO_MODEL, hangs=True),
)
"""The connection fails."""

_AGAIN = ((408, "Request Timeout"), (500, "internal error"), (502, "bad gateway"), (504, "upstream timeout"),
          (520, "web server returned an unknown error"), (529, "Overloaded"))  # fmt: skip
_REFUSED = (
    (400, "this request cannot be read"),
    (401, "Incorrect API key provided"),
    (402, "Insufficient credits"),
    (403, "You have no access to this model"),
    (404, "The model `m` does not exist"),
    (405, "Method Not Allowed"),
    (413, "Request Entity Too Large"),
    (415, "Unsupported Media Type"),
    (418, "I'm a teapot"),
    (422, "validation failed"),
    (400, "This model's maximum context length is 8192 tokens. Please reduce the length of the messages."),
    (400, "The response was filtered: content_filter"),
    (429, "You exceeded your current quota (insufficient_quota)"),
)
STATUS: tuple[FaultCase, ...] = (
    *(_passing(f"{code} {text}", "Status", Fault.error(code, text)) for code, text in _AGAIN),
    _passing("429 with Retry-After in seconds", "Status", Fault.error(429, "slow down", retry_after="3")),
    _passing("503 with Retry-After as a date", "Status", Fault.error(503, "busy", retry_after=DATE_OF_THE_PAST)),
    _passing("429 with an impossible Retry-After", "Status", Fault.error(429, "slow down", retry_after="-1e99")),
    _passing("503 with an HTML page", "Status", Fault.html(503)),
    *(_final(f"{code} {text}", "Status", Fault.error(code, text)) for code, text in _REFUSED),
    _final("302 to another address", "Status", Fault.error(302, "moved", location="http://127.0.0.1:9/v1")),
    _passing("500 with a body of any size", "Status", Fault.text(LARGE * 5, 500)),
    FaultCase(
        "400 json_validate_failed",
        "Status",
        _fixed(Fault.text('{"error": {"message": "Failed to generate JSON", "code": "json_validate_failed"}}', 400)),
        Ending.TRIED_AGAIN,
        Ending.NO_ANSWER,
    ),
    _passing(
        "400 tool_use_failed",
        "Status",
        Fault.text('{"error": {"message": "Failed to call a function.", "code": "tool_use_failed"}}', 400),
    ),
)
"""The endpoint reports an error by its status."""

BODY: tuple[FaultCase, ...] = (
    _passing("an empty body", "Body", Fault.text("")),
    _passing("204 without a body", "Body", Fault.text("", 204)),
    _passing("blanks alone", "Body", Fault.text(" \n\n ")),
    _passing("an HTML page", "Body", Fault.html()),
    _passing("JSON that ends in the middle", "Body", Fault.text('{"choices": [{"message": {"content": "{')),
    _passing("a list", "Body", Fault.text("[]")),
    _passing("null", "Body", Fault.text("null")),
    _passing("a number", "Body", Fault.text("0")),
    _passing("no choices", "Body", Fault.text('{"choices": []}')),
    _passing("null for the choices", "Body", Fault.text('{"choices": null}')),
    _passing("a choice without a message", "Body", _completion({"finish_reason": "stop"})),
    _passing("a text for the message", "Body", _completion({"message": "{}"})),
    _passing("function calls without a function", "Body", _completion({"message": {"tool_calls": [{"id": "1"}]}})),
    _passing("nesting of 100,000 levels", "Body", Fault.text("[" * 100_000)),
    _passing("bytes that are not UTF-8", "Body", Fault.text(b'{"choices": "\xff\xfe"}')),
    _passing("a damaged gzip body", "Body", _packed(gzip.compress(b'{"choices": []}')[:-9] + b"123456789")),
    _passing("gzip that is not compressed", "Body", _packed(b'{"choices": []}')),
    _final("a body of any size", "Body", Fault.text(LARGE)),
    _final("a small gzip body of any size", "Body", _packed(gzip.compress(b" " * 50_000_000))),
    _passing("an error of status 504 inside", "Body", _inside("Upstream idle timeout", 504)),
    _passing("the same inside the choice", "Body", _inside("Upstream idle timeout", 504, in_choice=True)),
    _passing("an error of status 429 inside", "Body", _inside("Rate limited", "429")),
    _passing("an error without a status inside", "Body", Fault.text('{"error": "provider returned error"}')),
    _final("an error of status 401 inside", "Body", _inside("No auth credentials found", 401)),
    _passing(
        "finish_reason error",
        "Body",
        _completion({"finish_reason": "error", "message": {"role": "assistant", "content": ""}}),
    ),
    FaultCase("events where JSON is due", "Body", _fixed(Fault.stream()), Ending.GONE_WITHOUT),
    _accepted(
        "counts of tokens that are impossible",
        "Body",
        lambda asked: Reply(asked.well().content, usage={"prompt_tokens": -7, "completion_tokens": "many"}),
    ),
    _accepted("no counts of tokens", "Body", lambda asked: Reply(asked.well().content, usage={})),
    _accepted(
        "no finish reason",
        "Body",
        lambda asked: _completion({"message": {"role": "assistant", "content": asked.well().content}}),
    ),
    _accepted(
        "content in parts, one of them a thought",
        "Body",
        lambda asked: _completion(
            {
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "text": json.dumps(asked.other)},
                        {"type": "text", "text": asked.well().content},
                    ],
                },
                "finish_reason": "stop",
            }
        ),
    ),
)
"""The status is good and the body is not."""

STREAM: tuple[FaultCase, ...] = (
    _passing("the stream breaks off", "Stream", Fault.broken_stream(), streamed=True),
    FaultCase(
        "the stream ends without an end marker",
        "Stream",
        _streamed_good(finish=None, done=False),
        Ending.TRIED_AGAIN,
        Ending.NO_MODEL,
        streamed=True,
    ),
    FaultCase(
        "an error event after the whole answer",
        "Stream",
        _streamed_good('{"error": {"message": "overloaded", "code": 529}}'),
        Ending.TRIED_AGAIN,
        Ending.NO_MODEL,
        streamed=True,
    ),
    FaultCase(
        "an event that is not JSON",
        "Stream",
        _streamed_good("{"),
        Ending.TRIED_AGAIN,
        Ending.NO_MODEL,
        streamed=True,
    ),
    _passing("a stream without events", "Stream", _events(), streamed=True),
    _misread("a stream with the end marker alone", "Stream", _fixed(_events("[DONE]")), streamed=True),
    _misread("a stream that ends at the length limit", "Stream", _streamed_good(finish="length"), streamed=True),
    _final("a stream of any length", "Stream", _events(*[_piece("x" * 1000)] * 300)),
    _accepted(
        "one JSON document where events are due",
        "Stream",
        lambda asked: _completion(
            {"message": {"role": "assistant", "content": asked.well().content}, "finish_reason": "stop"}
        ),
        streamed=True,
    ),
    _accepted("comments and blank events", "Stream", _streamed_good('{"choices": []}'), streamed=True),
)
"""The answer is streamed."""


def _without_functions(request: ChatRequest) -> bool:
    return not (set(request.tools) - {"submit_answer"})


FEATURES: tuple[FaultCase, ...] = (
    _lacking(
        "no JSON schema",
        lambda request: request.format == "json_schema",
        Fault.error(400, "This response_format type is unavailable now"),
    ),
    _lacking(
        "no response format",
        lambda request: request.format != "text",
        Fault.error(400, "'response_format' is not supported with this model"),
    ),
    _lacking(
        "no system role",
        lambda request: request.messages[0]["role"] == "system",
        Fault.error(400, "System role not supported"),
    ),
    _lacking(
        "no seed", lambda request: "seed" in request.body, Fault.error(422, "Extra inputs are not permitted: seed")
    ),
    _lacking(
        "answers only as a stream",
        lambda request: not request.body.get("stream"),
        Fault.error(400, "This model only support stream mode, please enable the stream parameter"),
    ),
    FaultCase(
        "404 no endpoint supports functions",
        "Features",
        lambda asked: (
            asked.well()
            if _without_functions(asked.request)
            else Fault.error(404, "No endpoints found that support tool use.")
        ),
        Ending.GONE_WITHOUT,
        applies=lambda answer: answer.__name__ == "Report",
    ),
)
"""The endpoint refuses a feature of the request; the fault lasts as long as the request uses it."""


def _calls(*calls: ToolCall, **extra: Any) -> Serve:
    return _fixed(Reply(None, calls, **extra))


def _has_functions(answer: type[BaseModel]) -> bool:
    return answer.__name__ == "Report"


def _has_none(answer: type[BaseModel]) -> bool:
    return not _has_functions(answer)


_SIGNED = {"extra_content": {"google": {"thought_signature": "c2ln"}}}


def _signed(asked: Asked) -> Fault | Reply:
    """Call a function with a signature, and refuse a request that does not bring both back."""
    calls = [call for said in asked.request.messages for call in said.get("tool_calls") or ()]
    if not calls:
        return Reply(None, (ToolCall("no_such_function", ""),), extra={"reasoning": "hm"}, call_extra=_SIGNED)
    back = all(call.get("extra_content") == _SIGNED["extra_content"] for call in calls)
    whole = all(call["function"]["arguments"] == "{}" for call in calls)
    kept = all(said.get("reasoning") == "hm" for said in asked.request.messages if said.get("tool_calls"))
    return asked.well() if back and whole and kept else Fault.error(400, "the call came back changed")


def _once(call: Serve) -> Serve:
    """Return a fault that ends when the model receives the results of its calls."""
    return lambda asked: asked.well() if any(m["role"] == "tool" for m in asked.request.messages) else call(asked)


FUNCTIONS: tuple[FaultCase, ...] = (
    *(
        FaultCase(name, "Functions", _once(_calls(*calls)), Ending.ACCEPTED, applies=_has_functions, rounds=2)
        for name, calls in (
            ("a function that is not known", [ToolCall("no_such_function")]),
            ("arguments that are not JSON", [ToolCall("macro", "{")]),
            ("arguments that are no object", [ToolCall("macro", "[1]")]),
            ("40 calls at once", [ToolCall("macro", id=f"c{number}") for number in range(40)]),
        )
    ),
    FaultCase(
        "empty arguments, signatures and reasoning to return",
        "Functions",
        _signed,
        Ending.ACCEPTED,
        applies=_has_functions,
        rounds=2,
    ),
    FaultCase(
        "calls without an end",
        "Functions",
        _calls(ToolCall("macro")),
        Ending.NO_ANSWER,
        applies=_has_functions,
        rounds=4,
    ),
    _misread("a function where none is on offer", "Functions", _calls(ToolCall("buy_everything")), applies=_has_none),
)
"""The model calls functions."""

REFUSALS: tuple[FaultCase, ...] = (
    _misread("the field `refusal`", "Refusals and length", _fixed(Reply(None, refusal="I cannot give advice."))),
    _misread("a refusal in words", "Refusals and length", _fixed(Reply("I am sorry, but I cannot help with that."))),
    _misread(
        "finish_reason content_filter",
        "Refusals and length",
        lambda asked: Reply(asked.well().content, finish_reason="content_filter"),
    ),
    _misread(
        "the length limit after the whole answer",
        "Refusals and length",
        lambda asked: Reply(asked.well().content, finish_reason="length"),
    ),
    _misread(
        "an answer of 100,000 characters",
        "Refusals and length",
        lambda asked: Reply(json.dumps({**asked.good, "x": "x" * 99_000})),
    ),
)  # fmt: skip
"""The model refuses, or does not come to an end."""


def _has_evidence(answer: type[BaseModel]) -> bool:
    return "evidence" in answer.model_fields or "orders" in answer.model_fields


def _citing_unknown(asked: Asked) -> Reply:
    changed = dict(asked.good)
    if "evidence" in changed:
        changed["evidence"] = ["px.invented"]
    if "orders" in changed:
        changed["orders"] = [{**order, "evidence": ["px.invented"]} for order in changed["orders"]]
    return answered(asked.request, json.dumps(changed))


def _impossible_order(asked: Asked) -> Reply:
    orders = [{**order, "action": "sell", "quantity": 9} for order in asked.good["orders"]]
    return answered(asked.request, json.dumps({**asked.good, "orders": orders}))


def _plans(answer: type[BaseModel]) -> bool:
    return answer in (OrderPlan, SingleAgentOutput)


def _lists_ids(answer: type[BaseModel]) -> bool:
    return "evidence" in answer.model_fields


CHECKS: tuple[FaultCase, ...] = (
    FaultCase(
        "a list as JSON text",
        "Checks",
        lambda asked: answered(
            asked.request, json.dumps({**asked.good, "evidence": json.dumps(asked.good["evidence"])})
        ),
        Ending.REPAIRED,
        applies=_lists_ids,
    ),
    FaultCase(
        "evidence that does not exist",
        "Checks",
        _citing_unknown,
        Ending.ASKED_AGAIN,
        Ending.UNCITED,
        applies=_has_evidence,
    ),
    _misread("a sale of shares that are not held", "Checks", _impossible_order, applies=_plans),
)
"""The answer fits its schema and breaks a rule of the desk."""

_RESULTS: Mapping[Result, tuple[Ending, Ending | None]] = {
    Result.ACCEPTED: (Ending.ACCEPTED, None),
    Result.REPAIRED: (Ending.REPAIRED, None),
    Result.ASKED_AGAIN: (Ending.ASKED_AGAIN, Ending.NO_ANSWER),
}
_READING = (
    "braces in prose", "other fence first", "thought <think>", "harmony channels", "thought alone",
    "thought not closed", "answer before an open thought", "thought cut off", "cut off after a draft",
    "draft, then final", "two answers", "two answers in a list", "draft alone", "taken back",
    "final answer not finished", "final answer invalid", "reasoning field", "two objects in the reasoning",
    "reasoning cut off", "empty", "no JSON", "other JSON", "trailing comma", "full-width punctuation", "key twice",
    "wrapper", "function call as text", "extra fields", "field in two spellings", "case of a stance",
    "case of a rating", "case of a verdict", "known synonym", "unknown synonym", "unknown verdict", "unknown action",
    "left-out nulls", "no list of orders", "negative quantity", "comma of two meanings",
    "percent without a sign", "true for a scale", "blank text", "many orders",
)  # fmt: skip
_CONTRADICTIONS = (
    "approve with 0", "approve with 0.5", "veto with 1", "stance without confidence", "rating and conviction",
    "hold with conviction", "rating and orders", "both directions",
)  # fmt: skip


def _read(case: Case, section: str) -> FaultCase:
    """Return the fault of a reply that `test_reading` reads from a text."""

    def serve(asked: Asked) -> Reply:
        written = message(case.write(asked.good, asked.other))
        content, finish = written.pop("content"), written.pop("finish_reason", None)
        return Reply(content, finish_reason=finish, extra=written)

    once, lasting = _RESULTS[case.result]
    situation = f"{case.situation}: {case.name}" if case.situation.startswith("the same for") else case.situation
    return FaultCase(situation, section, serve, once, lasting, case.applies, case.expected)


def _named(names: tuple[str, ...], section: str) -> tuple[FaultCase, ...]:
    known = {case.name: case for case in CASES}
    return tuple(_read(known[name], section) for name in names)


FAULTS: tuple[FaultCase, ...] = (
    *CONNECTION,
    *STATUS,
    *BODY,
    *STREAM,
    *FEATURES,
    *FUNCTIONS,
    *_named(_READING, "Reading"),
    *_named(_CONTRADICTIONS, "Contradictions"),
    *REFUSALS,
    *CHECKS,
)
