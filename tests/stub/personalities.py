"""Kinds of endpoints, as their error documents and quirks are known from public bug reports."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .http_log import (
    ChatRequest,
    Fault,
    Reply,
    ToolCall,
)
from .server import Personality, StubServer, fill

KNOWN = {
    "model", "messages", "response_format", "tools", "tool_choice", "seed", "temperature", "max_completion_tokens",
    "stream", "stream_options",
}  # fmt: skip


def strict(request: ChatRequest) -> Fault | None:
    """OpenAI's own endpoint: knows its parameters, the pairing of calls and results, and the strict schema dialect."""
    if "max_tokens" in request.body:
        return Fault.error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    if unknown := set(request.body) - KNOWN:
        return Fault.error(400, f"Unrecognized request argument supplied: {', '.join(sorted(unknown))}")
    if request.format == "json_schema" and not request.body["response_format"]["json_schema"]["strict"]:
        return Fault.error(400, "Invalid schema for response_format: strict is required")
    waiting: list[str] = []
    for message in request.messages:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
        elif waiting:
            return Fault.error(400, "An assistant message with 'tool_calls' must be followed by tool messages")
        if calls := message.get("tool_calls"):
            if message.get("content") == "":
                return Fault.error(400, "messages with tool calls must have null content")
            waiting = [call["id"] for call in calls]
            for call in calls:
                json.loads(call["function"]["arguments"])
    return None


def json_object_only(request: ChatRequest) -> Fault | None:
    """DeepSeek: JSON mode needs the word json in the prompt; schemas are not available."""
    if request.format == "json_schema":
        return Fault.error(400, "This response_format type is unavailable now")
    if request.format == "json_object" and "json" not in request.prompt.lower():
        return Fault.error(400, "Prompt must contain the word 'json' in some form to use response_format json_object")
    return strict(request)


def tools_only(request: ChatRequest) -> Fault | None:
    """An endpoint that takes functions and knows no response format."""
    if request.format != "text":
        return Fault.error(400, "Unsupported parameter: 'response_format' is not supported with this model.")
    return strict(request)


def plain_only(request: ChatRequest) -> Fault | None:
    """A gateway to a small model: functions end in 404, everything else unknown in a pydantic error that echoes."""
    if request.tools:
        return Fault.error(404, "No endpoints found that support tool use. To learn more, visit the documentation.")
    for name in ("response_format", "seed", "tool_choice"):
        if name in request.body:
            detail = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
            return Fault.text(json.dumps({"detail": [detail | {"input": dict(request.body)}]}), 422)
    return strict(request)


def no_system_role(request: ChatRequest) -> Fault | None:
    """A chat template without a system role, served with status 500."""
    if any(message["role"] not in {"user", "assistant", "tool"} for message in request.messages):
        return Fault.text('{"object": "error", "message": "System role not supported", "code": 500}', 500)
    return strict(request)


def stream_only(request: ChatRequest) -> Fault | None:
    """An endpoint that answers only as a stream, and does not know `stream_options`."""
    if not request.body.get("stream"):
        return Fault.error(400, "This model only support stream mode, please enable the stream parameter")
    if "stream_options" in request.body:
        return Fault.error(400, "Validation error at #/stream_options: Extra inputs are not permitted")
    return strict(request)


def always_streams(request: ChatRequest) -> Fault | None:
    """An endpoint that sends events whether it was asked for them or not."""
    return strict(request) or Fault.stream()


def tools_without_format(request: ChatRequest) -> Fault | None:
    """Gemini's compatible endpoint: functions and a response format exclude each other."""
    if request.tools and request.format != "text":
        message = "Function calling with a response mime type: 'application/json' is unsupported"
        return Fault.text(json.dumps([{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]), 400)
    return strict(request)


@dataclass
class ErrorsInside:
    """A gateway that reports an outage of the provider inside a reply of status 200, once for each prompt."""

    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: ChatRequest) -> Fault | None:
        """Fail the first try of each prompt, in turns with an error in the choice and one beside the choices."""
        self.seen[request.prompt] += 1
        if self.seen[request.prompt] > 1:
            return strict(request)
        error = {"message": "Upstream idle timeout exceeded", "code": 504}
        choice = {"finish_reason": "error", "error": error, "message": {"role": "assistant", "content": ""}}
        body = {"error": error} if len(self.seen) % 2 else {"choices": [choice]}
        return Fault.text(json.dumps(body))


SIGNED = {"extra_content": {"google": {"thought_signature": "c2lnbmF0dXJl"}}}
REASONED = {"reasoning": "let me look", "reasoning_details": [{"type": "reasoning.text", "signature": "c2ln"}]}


def signed_reasoning(request: ChatRequest) -> Fault | None:
    """An endpoint whose calls carry signatures and reasoning that must come back untouched."""
    for message in request.messages:
        for call in message.get("tool_calls") or ():
            if call.get("extra_content") != SIGNED["extra_content"]:
                return Fault.error(400, "Function call is missing a thought_signature in functionCall parts")
            if any(message.get(name) != value for name, value in REASONED.items()):
                return Fault.error(400, "Expected reasoning details before the function call")
    return strict(request)


def calls_once(server: StubServer, arguments: str = "{}") -> Callable[[ChatRequest], Reply]:
    """Return a responder that calls the first function on offer once in each conversation, then answers."""

    def respond(request: ChatRequest) -> Reply:
        offered = [name for name in request.tools if name != "submit_answer"]
        asked = any(message["role"] == "tool" for message in request.messages)
        if offered and not asked and request.body.get("tool_choice") in {"auto", "required"}:
            return Reply(None, (ToolCall(offered[0], arguments),), extra=REASONED, call_extra=SIGNED)
        if not request.forced_tool and "submit_answer" in request.tools:
            answer = json.dumps(server.filler.fill(request.tools["submit_answer"], request.prompt))
            return Reply(None, (ToolCall("submit_answer", answer),))
        return fill(server.filler, request)

    return respond


PERSONALITIES: dict[str, Callable[[], Personality]] = {
    "strict": lambda: strict,
    "json_object_only": lambda: json_object_only,
    "tools_only": lambda: tools_only,
    "plain_only": lambda: plain_only,
    "no_system_role": lambda: no_system_role,
    "stream_only": lambda: stream_only,
    "always_streams": lambda: always_streams,
    "tools_without_format": lambda: tools_without_format,
    "signed_reasoning": lambda: signed_reasoning,
    "errors_inside_200": ErrorsInside,
}
