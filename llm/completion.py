"""The reply to a chat request: message, token usage, and the endpoint and model that served it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..domain.errors import ModelUnavailable
from .messages import SERVED, Message, message_in, text_in
from .redaction import Redactor

CHARACTERS_PER_TOKEN = 4
MOST_TOKENS = 1_000_000_000
"""Tokens of one exchange that are taken for true; far beyond any context window."""

NOTES = "notes"
REPAIRS = "repairs"
_LONGEST_NAME = 200
_LONGEST_EXCERPT = 2000  # far longer than what is shown; secrets are removed before it is clipped


class MalformedReply(ModelUnavailable):
    """The endpoint's reply is not a chat completion."""


class UpstreamError(MalformedReply):
    """The body of a successful response contains an error.

    Attributes:
        status: the HTTP status named in the body, or None.
        complaint: the error as JSON, or a short description.
    """

    def __init__(self, reason: str, status: int | None, complaint: str) -> None:
        super().__init__(reason)
        self.status, self.complaint = status, complaint


class UnexpectedStream(MalformedReply):
    """The endpoint sent an event stream instead of one JSON document."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of one model call; `estimated` if any count is characters / 4 because the endpoint did not report it."""

    prompt: int
    cached: int
    completion: int
    estimated: bool

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.estimated or other.estimated,
        )


NO_TOKENS = TokenUsage(0, 0, 0, False)


@dataclass(frozen=True, slots=True)
class Served:
    """The endpoint and model that served a reply.

    Attributes:
        endpoint: base URL without secrets.
        model: the model that was requested there.
        reported_model: the model name in the reply; may be empty.
        fingerprint: `system_fingerprint` of the reply; may be empty.
        attempts: number of attempts, including the successful one.
    """

    endpoint: str = ""
    model: str = ""
    reported_model: str = ""
    fingerprint: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished model call.

    Attributes:
        tokens: token usage of this reply.
        lost: tokens of attempts that failed after the endpoint had started to answer.
        request: the request as JSON text without secrets, see `stored_request`.
        notes: what the request had to do without, and who answered in place of another, in words.
        repairs: what was repaired when the answer was read, in words.
        streamed: the endpoint sent the answer piece by piece.
    """

    message: Message
    tokens: TokenUsage
    served: Served = Served()
    request: str = ""
    lost: TokenUsage = NO_TOKENS
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    streamed: bool = False

    def reply_json(self) -> str:
        """Return the message as JSON text to be stored, with who served it."""
        served = {name: getattr(self.served, name) for name in Served.__slots__}
        served |= {NOTES: list(self.notes), REPAIRS: list(self.repairs)}
        return self.message.to_json({name: value for name, value in served.items() if value})


def stored_notes(reply: str) -> tuple[str, ...]:
    """Return the notes of a stored reply; empty for replies of earlier versions without notes."""
    return tuple(json.loads(reply).get(SERVED, {}).get(NOTES, ()))


def parse_completion(body: bytes, prompt_characters: int) -> Completion:
    """Return the completion in the body of a successful response.

    Raises:
        UnexpectedStream: the body is an event stream.
        UpstreamError: the body, or its first choice, contains an error.
        MalformedReply: the body is not a chat completion, for example empty, HTML, truncated or without choices.
    """
    document = _json(body)
    check_for_error(document)
    try:
        choice = document["choices"][0]
        message = message_in(choice["message"], choice.get("finish_reason"))
    except (LookupError, TypeError, AttributeError):
        raise MalformedReply("the JSON is not a chat completion") from None
    tokens = token_usage(document.get("usage"), prompt_characters, message.characters)
    return Completion(message, tokens, served_by(document))


def served_by(document: Mapping[str, Any]) -> Served:
    """Return the model name and fingerprint reported in a reply."""
    return Served(
        reported_model=text_in(document.get("model"))[:_LONGEST_NAME],
        fingerprint=text_in(document.get("system_fingerprint"))[:_LONGEST_NAME],
    )


def check_for_error(document: object) -> None:
    """Raise UpstreamError if the document, or its first choice, contains an error or ended with one."""
    if not isinstance(document, dict):
        return
    choices = document.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    error = document.get("error") or choice.get("error")
    if not error and choice.get("finish_reason") != "error":
        return
    complaint = json.dumps(error) if error else "finish_reason is error"
    message = text_in(error.get("message")) if isinstance(error, dict) else text_in(error)
    reason = f"the reply contains an error: {(message or complaint)[:_LONGEST_EXCERPT]}"
    raise UpstreamError(reason, _status(error), complaint)


def _status(error: object) -> int | None:
    code = error.get("code", error.get("status")) if isinstance(error, dict) else None
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) and 400 <= code <= 599 else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    text = body[:_LONGEST_EXCERPT].decode("utf-8", "replace").strip()
    if not text:
        raise MalformedReply("the body is empty")
    if text.startswith(("data:", "event:", ": ")):
        raise UnexpectedStream("the body is an event stream instead of one JSON document")
    if text.lower().startswith(("<!doctype", "<html", "<head", "<?xml")):
        raise MalformedReply(f"the body is not JSON but an HTML page: {text}")
    raise MalformedReply(f"the body is not JSON but: {text}")


def token_usage(usage: object, prompt_characters: int, reply_characters: int) -> TokenUsage:
    """Return the reported token usage, with characters / 4 for prompt and completion counts missing or invalid.

    Tokens that are reported outside of `completion_tokens` are added to the completion: the rest of a larger
    `total_tokens`, and `reasoning_tokens` that cannot be part of `completion_tokens` because they are more.
    """
    usage = usage if isinstance(usage, dict) else {}
    details = _object(usage, "prompt_tokens_details")
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    cached = _count(details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")))
    estimated = prompt is None or completion is None
    prompt = prompt_characters // CHARACTERS_PER_TOKEN if prompt is None else prompt
    completion = reply_characters // CHARACTERS_PER_TOKEN if completion is None else completion
    hidden = _count(_object(usage, "completion_tokens_details").get("reasoning_tokens")) or 0
    total = _count(usage.get("total_tokens")) or 0
    return TokenUsage(
        prompt=prompt,
        cached=cached or 0,
        completion=max(completion + (hidden if hidden > completion else 0), total - prompt),
        estimated=estimated,
    )


def _object(usage: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = usage.get(name)
    return found if isinstance(found, dict) else {}


def with_service(completion: Completion, served: Served, request: str, redactor: Redactor) -> Completion:
    """Return `completion` with its endpoint and the request that was sent, and without the secrets of the endpoint."""
    named = replace(
        served,
        reported_model=redactor.reply_text(completion.served.reported_model),
        fingerprint=redactor.reply_text(completion.served.fingerprint),
    )
    return replace(completion, message=completion.message.redacted(redactor), served=named, request=request)


def _count(value: object) -> int | None:
    """Return a number of tokens; None for what cannot be one, such as a number that no database column holds."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MOST_TOKENS else None
