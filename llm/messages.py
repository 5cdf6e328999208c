"""What comes back from an endpoint, read leniently: servers that call themselves compatible differ in the details."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.errors import ModelUnavailable

ANSWER_TOOL = "submit_answer"
CHARACTERS_PER_TOKEN = 4
_LONGEST_COMPLAINT = 2000  # far longer than what is shown in the end, which is clipped only after secrets are out


class MalformedReply(ModelUnavailable):
    """The endpoint answered with something that is no chat completion."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call as the model wrote it; `arguments` is JSON text, or meant to be."""

    id: str
    name: str
    arguments: str

    def document(self) -> dict[str, object]:
        """Return the call in the form of the API."""
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True, slots=True)
class Message:
    """An assistant message with the reason why it ended."""

    content: str
    refusal: str
    reasoning: str
    finish: str
    uses: tuple[ToolCall, ...]

    @property
    def answer(self) -> str:
        """Return the text that should hold the answer: the forced function's arguments, or else the content."""
        return next((use.arguments for use in self.uses if use.name == ANSWER_TOOL), self.content)

    @property
    def wants_tools(self) -> bool:
        """Say whether functions are called, and the answer is not among them."""
        return bool(self.uses) and all(use.name != ANSWER_TOOL for use in self.uses)

    @property
    def characters(self) -> int:
        return len(self.content) + len(self.reasoning) + sum(len(use.name) + len(use.arguments) for use in self.uses)

    def document(self) -> dict[str, object]:
        """Return the message in the form of the API, to be sent back in a conversation."""
        document: dict[str, object] = {"role": "assistant", "content": self.content}
        if self.uses:
            document["tool_calls"] = [use.document() for use in self.uses]
        if self.reasoning:
            # Models that think between function calls refuse a history from which the thinking is missing.
            document["reasoning_content"] = self.reasoning
        return document

    def to_json(self) -> str:
        """Return the message as JSON text that `read_message` reads back."""
        extra = {"finish_reason": self.finish, "refusal": self.refusal, "reasoning_content": self.reasoning}
        return json.dumps({**self.document(), **{key: value for key, value in extra.items() if value}})


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What an exchange cost; `estimated` where the endpoint did not say and characters / 4 stand in."""

    prompt: int
    cached: int
    completion: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished exchange."""

    message: Message
    tokens: TokenUsage


def parse_message(text: str) -> Message:
    """Read what `Message.to_json` wrote."""
    document = json.loads(text)
    return _message(document, document.get("finish_reason"))


def parse_completion(body: bytes, prompt_characters: int) -> Completion:
    """Read the body of a chat completion.

    Raises:
        MalformedReply: when it is not one: an HTML page, cut off, an error document, no choices.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        shown = body[:_LONGEST_COMPLAINT].decode("utf-8", "replace").strip()
        raise MalformedReply(f"the body is not JSON but: {shown}" if shown else "the body is empty") from None
    try:
        choice = document["choices"][0]
        message = _message(choice["message"], choice.get("finish_reason"))
    except (LookupError, TypeError, AttributeError):
        raise MalformedReply(f"the JSON is no chat completion{_error_text(document)}") from None
    return Completion(message, _tokens(document.get("usage"), prompt_characters, message.characters))


def _error_text(document: object) -> str:
    error = document.get("error") if isinstance(document, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    return f" but says: {str(text)[:_LONGEST_COMPLAINT]}" if text else ""


def _message(document: Mapping[str, Any], finish: object) -> Message:
    return Message(
        content=_text(document.get("content")),
        refusal=_text(document.get("refusal")),
        reasoning=_text(document.get("reasoning_content")),
        finish=_text(finish) or "stop",
        uses=tuple(_use(use, place) for place, use in enumerate(document.get("tool_calls") or ())),
    )


def _text(value: object) -> str:
    if isinstance(value, list):
        value = "".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair would break every later writer


def _use(document: Mapping[str, Any], place: int) -> ToolCall:
    function = document["function"]
    arguments = function.get("arguments")
    written = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(_text(document.get("id")) or f"call_{place}", _text(function["name"]), _text(written))


def _tokens(usage: object, prompt_characters: int, reply_characters: int) -> TokenUsage:
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get("prompt_tokens_details")
    details = details if isinstance(details, dict) else {}
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    cached = _count(details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")))
    return TokenUsage(
        prompt=prompt_characters // CHARACTERS_PER_TOKEN if prompt is None else prompt,
        cached=cached or 0,
        completion=reply_characters // CHARACTERS_PER_TOKEN if completion is None else completion,
        estimated=prompt is None or completion is None,
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
