"""Chat requests, and the interface of the transports that complete them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.picture import Picture
from ..domain.tool_spec import ToolSpec
from .capabilities import Capabilities
from .completion import CHARACTERS_PER_TOKEN, Completion, TokenUsage
from .messages import Message
from .pictures import key_parts, tokens_of
from .schema import AnswerSchema

BYTES_PER_PROMPT_TOKEN = 3
PRESUMED_ANSWER_TOKENS = 4000
"""Tokens of an answer whose length is not limited by a parameter; longer ones are rare for the desk's answers."""

TokenObserver = Callable[[str], None]
"""Receives each piece of a streamed answer."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters; None omits a parameter."""

    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Result of the function call with the id `call_id`."""

    call_id: str
    content: str

    def document(self) -> dict[str, object]:
        return {"role": "tool", "tool_call_id": self.call_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class TextTurn:
    """A text turn; `role` is `assistant` or `user`."""

    role: str
    content: str

    def document(self) -> dict[str, object]:
        return {"role": self.role, "content": self.content}


Turn = Message | ToolResult | TextTurn


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request: everything that the reply depends on, and how it is sent.

    Attributes:
        role: the agent's role; usage is recorded under this name.
        schema: the schema of the answer.
        turns: the turns after the first user message.
        tools: functions offered; with `tools_open` the model may call them before it answers.
        sample: number of the sample if a request is repeated.
        pictures: pictures after the text of the first user message.
        capabilities: features used in the request; not part of the key.
        observer: receives the answer while it is streamed; not part of the key.
        bounded: the answer must end at `parameters.max_tokens`, whether or not the endpoint keeps the limit: it is
            streamed and cut off there. Not part of the key.
        cache_key: finds the cached beginning of the prompt at the endpoint; empty for none. Not part of the key.
    """

    role: str
    model: str
    system: str
    user: str
    schema: AnswerSchema
    turns: tuple[Turn, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    tools_open: bool = False
    seed: int | None = None
    parameters: Parameters = Parameters()
    sample: int = 0
    pictures: tuple[Picture, ...] = ()
    capabilities: Capabilities = field(default=Capabilities(), compare=False)
    observer: TokenObserver | None = field(default=None, compare=False)
    cache_key: str = field(default="", compare=False)
    bounded: bool = field(default=False, compare=False)

    @property
    def characters(self) -> int:
        """Return the total length of all messages in characters; a picture counts as text of as many tokens."""
        texts = len(self.system) + len(self.user) + sum(len(turn.content) for turn in self.turns)
        return texts + CHARACTERS_PER_TOKEN * tokens_of(self.sent_pictures, self.model)

    @property
    def sent_pictures(self) -> tuple[Picture, ...]:
        """Return the pictures that are sent: none to a model that accepts no images."""
        return self.pictures if self.capabilities.images else ()

    @property
    def presumed_tokens(self) -> TokenUsage:
        """Return the most tokens that the call is presumed to use, for reservations and for calls without a reply.

        The prompt counts one token for 3 bytes of messages, functions and schema, more than usual tokenizers make of
        them, and for each picture the most that `picture_tokens` returns. The answer counts `parameters.max_tokens`, or
        PRESUMED_ANSWER_TOKENS if it is not limited.
        """
        parts = [self.system, self.user, self.schema.text, *(json.dumps(turn.document()) for turn in self.turns)]
        parts += [json.dumps(function_document(spec)) for spec in self.tools]
        parts += [each.caption for each in self.pictures]
        size = sum(len(part.encode("utf-8", "replace")) for part in parts)
        answer = self.parameters.max_tokens or PRESUMED_ANSWER_TOKENS
        prompt = -(-size // BYTES_PER_PROMPT_TOKEN) + tokens_of(self.sent_pictures, self.model)
        return TokenUsage(prompt, 0, answer, estimated=True)

    def canonical(self) -> str:
        """Return the request as canonical JSON: keys sorted, no whitespace, ASCII only.

        Capabilities are excluded, so that a resumed run finds its calls before it has learned them again. The role is
        included, so that agents with equal prompts make separate calls. Default parameters, sample number 0 and an
        empty list of pictures are omitted, so that requests of earlier versions keep their keys. Pictures
        are represented by their hashes.
        """
        asked: dict[str, object] = {
            "role": self.role,
            "model": self.model,
            "seed": self.seed,
            "system": self.system,
            "user": self.user,
            "answer": {"name": self.schema.name, "schema": self.schema.body},
            "tools": [function_document(spec) for spec in self.tools],
            "tools_open": self.tools_open,
            "turns": [turn.document() for turn in self.turns],
        }
        if self.parameters != Parameters():
            asked["parameters"] = {
                "temperature": self.parameters.temperature,
                "max_tokens": self.parameters.max_tokens,
            }
        if self.sample:
            asked["sample"] = self.sample
        if self.pictures:
            asked["pictures"] = key_parts(self.pictures)
        return json.dumps(asked, sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hexadecimal: the key of the call in the log."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


class ChatTransport(Protocol):
    """Completes chat requests.

    Contract: `complete` returns a completion or raises ModelError: RequestRejected if the endpoint rejects the request,
    ModelUnavailable if no usable reply arrives, BudgetExceeded if the budget is used up. It does not validate the
    answer. `open` prepares connections in the running event loop, `aclose` closes them; both may be called repeatedly,
    and `complete` works without `open`.
    """

    async def complete(self, request: ChatRequest) -> Completion: ...

    async def open(self) -> None: ...

    async def aclose(self) -> None: ...


class WrappingTransport:
    """Base class of transports that wrap another one; `open` and `aclose` are delegated to it."""

    def __init__(self, inner: ChatTransport) -> None:
        self._inner = inner

    async def open(self) -> None:
        """Prepare the connections of the inner transport."""
        await self._inner.open()

    async def aclose(self) -> None:
        """Close the connections of the inner transport."""
        await self._inner.aclose()


def function_document(spec: ToolSpec) -> Mapping[str, object]:
    """Return a function specification in the format of the API."""
    function = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return {"type": "function", "function": function}
