"""Constructors of faults, and the replies of an endpoint that they send."""

import json
from collections.abc import Callable
from typing import Any

from ...stub.http_log import ChatRequest, Fault, Reply
from .fault_case import BODY_LIMIT, Asked, Ending, FaultCase, Serve

Served = Fault | Reply | Serve
"""What is sent: the same for every request, or a function of the request."""

LARGE = "x" * (BODY_LIMIT + 1)
"""A text larger than the bodies that are accepted."""


def serving(served: Served) -> Serve:
    """Return the function of the request that returns what is sent."""
    return (lambda _: served) if isinstance(served, Fault | Reply) else served


def passing(name: str, served: Served, **options: Any) -> FaultCase:
    """Return a fault that another attempt can cure."""
    return FaultCase(name, serving(served), Ending.TRIED_AGAIN, Ending.NO_MODEL, **options)


def final(name: str, served: Served) -> FaultCase:
    """Return a fault that no other attempt can cure."""
    return FaultCase(name, serving(served), Ending.NO_MODEL)


def misread(name: str, served: Served, **options: Any) -> FaultCase:
    """Return a reply that cannot be used and is asked for once more."""
    return FaultCase(name, serving(served), Ending.ASKED_AGAIN, Ending.NO_ANSWER, **options)


def accepted(name: str, served: Served, **options: Any) -> FaultCase:
    """Return a reply that is read as it is."""
    return FaultCase(name, serving(served), Ending.ACCEPTED, **options)


def lacking(name: str, refused: Callable[[ChatRequest], bool], fault: Fault) -> FaultCase:
    """Return the refusal of a feature: the fault lasts as long as a request uses the feature."""

    def serve(asked: Asked) -> Fault | Reply:
        return fault if refused(asked.request) else asked.well()

    return FaultCase(name, serve, Ending.GONE_WITHOUT)


def completion(choice: object) -> Fault:
    """Return a completion with one choice."""
    return Fault.text(json.dumps({"id": "x", "object": "chat.completion", "choices": [choice]}))


def error_inside(message_text: str, code: object, *, in_choice: bool = False) -> Fault:
    """Return a reply of status 200 with an error in it."""
    error = {"message": message_text, "code": code}
    if not in_choice:
        return Fault.text(json.dumps({"error": error}))
    return completion({"finish_reason": "error", "error": error, "message": {"role": "assistant", "content": ""}})


def packed(body: bytes) -> Fault:
    """Return a body under the header of gzip."""
    return Fault("status", 200, {"content-encoding": "gzip"}, body)


def event_stream(*events: str) -> Fault:
    """Return server-sent events."""
    body = "".join(f"data: {event}\n\n" for event in events)
    return Fault("status", 200, {"content-type": "text/event-stream"}, body)


def piece(text: str, finish: str | None = None) -> str:
    """Return one event of a streamed answer."""
    return json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


def streamed_good(*after: str, finish: str | None = "stop", done: bool = True) -> Serve:
    """Return a stream of the good answer, followed by the events `after`."""

    def serve(asked: Asked) -> Fault:
        text = json.dumps(asked.good)
        ends = [piece("", finish)] if finish else []
        return event_stream(piece(text[:9]), piece(text[9:]), *after, *ends, *(["[DONE]"] if done else []))

    return serve
