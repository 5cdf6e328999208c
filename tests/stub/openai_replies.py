"""Replies in the bytes and documents of the API."""

import json
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from typing import Any

from .http_log import ChatRequest, Record, Reply

PHRASES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return the status line and the headers of an answer."""
    headers = {"date": formatdate(usegmt=True), **headers}
    lines = [f"HTTP/1.1 {status} {PHRASES.get(status, 'Error')}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def completion(reply: Reply, record: Record, request: ChatRequest) -> dict[str, Any]:
    """Return the body of a whole answer."""
    document: dict[str, Any] = {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": request.body.get("model"),
        "choices": [{"index": 0, "message": reply.message(), "finish_reason": reply.finish()}],
    }
    if usage := reply.spent(record.prompt_characters):
        document["usage"] = usage
    return document


def events(reply: Reply, record: Record, request: ChatRequest) -> Iterator[str]:
    """Return the events of a streamed answer, in order."""
    shell = {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 0, "model": request.body.get("model")}

    def chunk(delta: object, finish: str | None = None) -> str:
        return json.dumps({**shell, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""})
    content = reply.content or ""
    for start in range(0, len(content), 20):
        yield chunk({"content": content[start : start + 20]})
    for index, call in enumerate(reply.message().get("tool_calls", ())):
        yield chunk({"tool_calls": [{"index": index, **call}]})
    yield chunk({}, reply.finish())
    if (request.body.get("stream_options") or {}).get("include_usage"):
        yield json.dumps({**shell, "choices": [], "usage": reply.spent(record.prompt_characters)})
    yield "[DONE]"
