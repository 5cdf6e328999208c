"""Assistant messages: parsed leniently, sent back unchanged, and stored as JSON text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .secret_forms import redact

ANSWER_TOOL = "submit_answer"
SERVED = "openoutcry_served"
"""Key of a stored message for the endpoint and model that served it; it is never sent."""

_KNOWN = frozenset({"role", "content", "refusal", "reasoning_content", "tool_calls", "finish_reason", SERVED})
_RESPONSE_ONLY = frozenset({"annotations", "audio", "function_call", "parsed"})
"""Fields of replies that endpoints do not accept in a request."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call as the model wrote it.

    Attributes:
        arguments: intended as JSON text, but not validated; may be empty.
        extra: unknown fields of the call, such as signatures; they are sent back unchanged.
        function_extra: unknown fields of the `function` object in the call.
    """

    id: str
    name: str
    arguments: str
    extra: Mapping[str, object] = field(default_factory=dict)
    function_extra: Mapping[str, object] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return the stored form of the call."""
        function = {**self.function_extra, "name": self.name, "arguments": self.arguments}
        return {**self.extra, "id": self.id, "type": "function", "function": function}

    def echo(self) -> dict[str, object]:
        """Return the call to send back, with empty arguments as `{}`, because endpoints reject empty arguments."""
        function = {**self.function_extra, "name": self.name, "arguments": self.arguments.strip() or "{}"}
        return {**self.extra, "id": self.id, "type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class Message:
    """An assistant message with its finish reason.

    Attributes:
        reasoning: the field `reasoning_content`.
        finish: the finish reason; `stop` if the endpoint gave none.
        extra: other fields, such as `reasoning` or `reasoning_details`; they are sent back unchanged.
    """

    content: str
    refusal: str
    reasoning: str
    finish: str
    tool_calls: tuple[ToolCall, ...]
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """Return the text with the answer: the arguments of the answer function if called, else the content."""
        return next((call.arguments for call in self.tool_calls if call.name == ANSWER_TOOL), self.content)

    @property
    def wants_tools(self) -> bool:
        """Return whether functions are called, excluding the answer function."""
        return bool(self.tool_calls) and all(call.name != ANSWER_TOOL for call in self.tool_calls)

    @property
    def characters(self) -> int:
        calls = sum(len(call.name) + len(call.arguments) for call in self.tool_calls)
        return len(self.content) + len(self.reasoning) + calls

    def redacted(self, secrets: tuple[str, ...]) -> "Message":
        """Return the message with every form of the secrets replaced by `***` in all its texts."""
        if not secrets:
            return self
        whole: Any = redact({**self.document(), "refusal": self.refusal}, secrets)
        return message_in(whole, self.finish)

    def document(self) -> dict[str, object]:
        """Return the stored form of the message, which is also part of the keys of later calls."""
        document: dict[str, object] = {**self.extra, "role": "assistant", "content": self.content}
        if self.tool_calls:
            document["tool_calls"] = [call.document() for call in self.tool_calls]
        if self.reasoning:
            document["reasoning_content"] = self.reasoning
        return document

    def echo(self) -> dict[str, object]:
        """Return the message to send back in a conversation.

        Models that reason between function calls reject a history without their reasoning and signatures; several
        servers reject empty content in a message with function calls.
        """
        echo = self.document()
        if self.tool_calls:
            echo |= {"content": self.content or None, "tool_calls": [call.echo() for call in self.tool_calls]}
        return echo

    def to_json(self, served: Mapping[str, object] | None = None) -> str:
        """Return the message as JSON text for `parse_message`; `served` names the endpoint and model."""
        optional = {"finish_reason": self.finish, "refusal": self.refusal, SERVED: served}
        return json.dumps({**self.document(), **{key: value for key, value in optional.items() if value}})


def parse_message(text: str) -> Message:
    """Return the message from text written by `Message.to_json`."""
    document = json.loads(text)
    return message_in(document, document.get("finish_reason"))


def message_in(document: Mapping[str, Any], finish: object) -> Message:
    """Return the message of one choice.

    Raises:
        LookupError, TypeError, AttributeError: the document is not an assistant message.
    """
    return Message(
        content=text_in(document.get("content")),
        refusal=text_in(document.get("refusal")),
        reasoning=text_in(document.get("reasoning_content")),
        finish=text_in(finish) or "stop",
        tool_calls=tuple(_tool_call(call, place) for place, call in enumerate(document.get("tool_calls") or ())),
        extra=_extra(document, _KNOWN | _RESPONSE_ONLY),
    )


def text_in(value: object) -> str:
    """Return a string, or the joined text parts of a list; "" for anything else. Lone surrogates are replaced."""
    if isinstance(value, list):
        value = "".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")


def _tool_call(document: Mapping[str, Any], place: int) -> ToolCall:
    function = document["function"]
    arguments = function.get("arguments")
    written = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(
        id=text_in(document.get("id")) or f"call_{place}",
        name=text_in(function["name"]),
        arguments=text_in(written),
        extra=_extra(document, frozenset({"id", "type", "function", "index"})),
        function_extra=_extra(function, frozenset({"name", "arguments"})),
    )


def _extra(document: Mapping[str, Any], known: frozenset[str]) -> dict[str, object]:
    """Return the unknown fields that are not empty; some endpoints reject empty fields."""
    return {key: value for key, value in document.items() if key not in known and value not in (None, "", [], {})}
