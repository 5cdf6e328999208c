"""The JSON body of a chat request, according to the capabilities of the endpoint."""

from collections.abc import Mapping

from .capabilities import OutputMode, SystemRole, TokenLimit
from .chat import ChatRequest, Turn, function_document
from .messages import ANSWER_TOOL, Message
from .pictures import LEFT_OUT, user_content

_OUTPUT_INSTRUCTIONS = (
    "Answer with one JSON object and nothing else, no Markdown around it. It must fit this JSON schema:\n"
)


def request_body(request: ChatRequest) -> dict[str, object]:
    """Return the request body, limited to the features in `request.capabilities`."""
    capabilities = request.capabilities
    mode = _mode(request)
    body: dict[str, object] = {"model": request.model, "messages": _messages(request, mode)}
    body |= _parameters(request)
    if request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    body |= _tools(request, mode)
    if mode is OutputMode.JSON_SCHEMA:
        form = {"name": request.schema.name, "strict": True, "schema": request.schema.body}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif mode is OutputMode.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    wanted = request.observer is not None or request.bounded
    if capabilities.stream_only or (wanted and capabilities.stream):
        body["stream"] = True
        if capabilities.stream_options:
            body["stream_options"] = {"include_usage": True}
    return body


def compromises(request: ChatRequest) -> tuple[str, ...]:
    """Return a description of each requested feature that the endpoint does not support."""
    has, notes = request.capabilities, list[str]()
    if has.mode is not OutputMode.JSON_SCHEMA:
        notes.append(f"no strict JSON schema ({_MODE_NAMES[has.mode]} instead)")
    if request.tools and not has.tools:
        notes.append("no function calls")
    if request.tools and has.tools and not has.tools_with_format and request.tools_open:
        notes.append("no response format beside functions")
    if request.seed is not None and not has.seed:
        notes.append("no seed, so answers cannot be reproduced")
    if has.system is not SystemRole.SYSTEM:
        notes.append("no system role (" + ("developer" if has.system is SystemRole.DEVELOPER else "user") + " instead)")
    if has.stream_only:
        notes.append("answers only as a stream")
    if request.parameters.temperature is not None and not has.temperature:
        notes.append("no temperature")
    if request.parameters.max_tokens is not None and has.token_limit is TokenLimit.UNLIMITED:
        notes.append("no limit on the length of an answer")
    if request.pictures and not has.images:
        notes.append("no images, so charts are left out")
    return tuple(notes)


_MODE_NAMES = {
    OutputMode.JSON_OBJECT: "JSON mode",
    OutputMode.TOOL_CALL: "a forced function call",
    OutputMode.PLAIN: "instructions in the prompt",
}


def _mode(request: ChatRequest) -> OutputMode:
    """Return how the answer's format is requested: PLAIN if functions exclude a response format."""
    capabilities = request.capabilities
    offered = bool(request.tools) and capabilities.tools and request.tools_open
    if offered and not capabilities.tools_with_format and capabilities.mode < OutputMode.TOOL_CALL:
        return OutputMode.PLAIN
    return capabilities.mode


def _parameters(request: ChatRequest) -> dict[str, object]:
    capabilities, parameters = request.capabilities, request.parameters
    chosen: dict[str, object] = {}
    if request.seed is not None and capabilities.seed:
        chosen["seed"] = request.seed
    if parameters.temperature is not None and capabilities.temperature:
        chosen["temperature"] = parameters.temperature
    if parameters.max_tokens is not None and capabilities.token_limit is not TokenLimit.UNLIMITED:
        chosen[capabilities.token_limit.name.lower()] = parameters.max_tokens
    return chosen


def _tools(request: ChatRequest, mode: OutputMode) -> dict[str, object]:
    offered = [function_document(spec) for spec in request.tools] if request.capabilities.tools else []
    if mode is OutputMode.TOOL_CALL:
        forced = {"type": "function", "function": {"name": ANSWER_TOOL}}
        choice = "required" if offered and request.tools_open else forced
        return {"tools": [*offered, _answer_function(request)], "tool_choice": choice}
    if not offered or (not request.tools_open and not request.capabilities.tools_with_format):
        return {}
    return {"tools": offered, "tool_choice": "auto" if request.tools_open else "none"}


def _messages(request: ChatRequest, mode: OutputMode) -> list[dict[str, object]]:
    system, user = request.system, request.user
    instructions = _OUTPUT_INSTRUCTIONS + request.schema.text
    if mode is OutputMode.JSON_OBJECT:
        # In the system prompt, which is constant and can be cached by the endpoint.
        system = f"{system}\n\n{instructions}"
    elif mode is OutputMode.PLAIN:
        # Models without any JSON mode often follow only the end of the user message.
        user = f"{user}\n\n{instructions}"
    if request.pictures and not request.sent_pictures:
        user = f"{user}\n\n{LEFT_OUT}"
    return [*_opening(request, system, user), *(_sent(turn) for turn in request.turns)]


def _opening(request: ChatRequest, system: str, user: str) -> list[dict[str, object]]:
    place, pictures = request.capabilities.system, request.sent_pictures
    if place is SystemRole.FOLDED:
        return [{"role": "user", "content": user_content(f"{system}\n\n{user}", pictures)}]
    role = "developer" if place is SystemRole.DEVELOPER else "system"
    return [{"role": role, "content": system}, {"role": "user", "content": user_content(user, pictures)}]


def _sent(turn: Turn) -> dict[str, object]:
    return turn.echo() if isinstance(turn, Message) else turn.document()


def _answer_function(request: ChatRequest) -> Mapping[str, object]:
    function = {"name": ANSWER_TOOL, "description": "Give the final answer.", "parameters": request.schema.body}
    return {"type": "function", "function": function}
