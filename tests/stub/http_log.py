"""What passes over the wire of the stub, as values: requests, replies, faults and the record kept of each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .answers import schema_in


@dataclass(frozen=True)
class ChatRequest:
    """One request for a chat completion, as it came."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        messages: Sequence[Mapping[str, Any]] = self.body.get("messages", ())
        return messages

    @property
    def prompt(self) -> str:
        """Return the text of all messages, one after the other."""
        return "\n".join(_text(message.get("content")) for message in self.messages)

    @property
    def images(self) -> list[Mapping[str, Any]]:
        """Return the `image_url` objects of all messages, in order."""
        parts = [part for message in self.messages for part in _parts(message.get("content"))]
        return [part["image_url"] for part in parts if part["type"] == "image_url"]

    @property
    def format(self) -> str:
        """Return the type of response format that was asked for: text, json_object or json_schema."""
        return str((self.body.get("response_format") or {}).get("type", "text"))

    @property
    def tools(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the parameters of each function on offer, by name."""
        return {tool["function"]["name"]: tool["function"]["parameters"] for tool in self.body.get("tools") or ()}

    @property
    def forced_tool(self) -> str | None:
        """Return the name of the function that must be called, if one is named."""
        choice = self.body.get("tool_choice")
        return choice["function"]["name"] if isinstance(choice, dict) else None

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """Return the JSON schema of the answer, wherever it is given, or None."""
        if self.format == "json_schema":
            schema: Mapping[str, Any] = self.body["response_format"]["json_schema"]["schema"]
            return schema
        if self.forced_tool:
            return self.tools[self.forced_tool]
        return schema_in(self.prompt)


def _parts(content: Any) -> Sequence[Mapping[str, Any]]:
    return content if isinstance(content, list) else ()


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return str(content or "")


@dataclass(frozen=True)
class ToolCall:
    """A function call that the stub's model makes."""

    name: str
    arguments: str = "{}"
    id: str = "call_1"


@dataclass(frozen=True)
class Reply:
    """What the stub's model says. Without `usage` it is characters / 4; an empty usage leaves the field out."""

    content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    usage: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    call_extra: Mapping[str, Any] = field(default_factory=dict)

    def message(self) -> dict[str, Any]:
        """Return the assistant message in the form of the API."""
        message: dict[str, Any] = {"role": "assistant", "content": self.content, "refusal": self.refusal, **self.extra}
        if self.tool_calls:
            message["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                    **self.call_extra,
                }
                for call in self.tool_calls
            ]
        return message

    def finish(self) -> str:
        """Return the finish reason."""
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")

    def spent(self, prompt_characters: int) -> Mapping[str, Any]:
        """Return the usage to report for a prompt of that length."""
        if self.usage is not None:
            return self.usage
        said = len(self.content or "") + sum(len(call.arguments) for call in self.tool_calls)
        prompt, completion = prompt_characters // 4, said // 4
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
        }


@dataclass(frozen=True)
class Fault:
    """How one request goes wrong.

    Attributes:
        kind: `status` answers with `status`, `headers` and `body`; `truncated` promises more bytes than it sends;
            `stream` sends events also where none were asked for; `broken_stream` breaks off after nine tenths of them;
            `flood` sends a body of 25 MB in small parts, until the client hangs up;
            `reset` breaks the connection; `hang` waits until `release` is called on the server, then answers well.
    """

    kind: str = "status"
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = '{"error": {"message": "a fault of the stub", "type": "server_error"}}'

    @classmethod
    def error(cls, status: int, message: str = "a fault of the stub", **headers: str) -> "Fault":
        """Answer with an error document; a header's name is written with underscores (`retry_after="3"`)."""
        body = json.dumps({"error": {"message": message, "type": "stub", "param": None, "code": None}})
        return cls("status", status, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    @classmethod
    def html(cls, status: int = 200) -> "Fault":
        """Answer with a page, as a proxy in the way does."""
        return cls("status", status, {"content-type": "text/html"}, "<html><body>Gateway</body></html>")

    @classmethod
    def text(cls, body: str | bytes, status: int = 200) -> "Fault":
        """Answer with exactly this body."""
        return cls("status", status, {}, body)

    @classmethod
    def truncated(cls) -> "Fault":
        """Close the connection in the middle of the body."""
        return cls("truncated")

    @classmethod
    def stream(cls) -> "Fault":
        """Answer with a stream of events."""
        return cls("stream", 200)

    @classmethod
    def broken_stream(cls) -> "Fault":
        """Break off a stream of events before its end."""
        return cls("broken_stream", 200)

    @classmethod
    def flood(cls, status: int = 200) -> "Fault":
        """Send a body that is too large to be kept."""
        return cls("flood", status)

    @classmethod
    def reset(cls) -> "Fault":
        """Break the connection instead of answering."""
        return cls("reset")

    @classmethod
    def hang(cls) -> "Fault":
        """Keep the client waiting until `release` is called on the server."""
        return cls("hang")


@dataclass
class Record:
    """One request as the server saw it. Times are monotonic seconds; `finished` is None while it is under way."""

    path: str
    arrived: float
    finished: float | None
    status: int
    prompt_characters: int
    connection: int
    headers: Mapping[str, str]
    body: Any
    reply: Any = None

    @property
    def request(self) -> ChatRequest:
        return ChatRequest(self.body, self.headers)


def serial_slots(records: Sequence[Record]) -> int:
    """Return the length of the longest chain of requests, each of which arrived after the one before had finished."""
    slots, free_at = 0, float("-inf")
    for record in sorted((r for r in records if r.finished is not None), key=lambda r: r.finished or 0.0):
        if record.arrived >= free_at:
            slots, free_at = slots + 1, record.finished or 0.0
    return slots
