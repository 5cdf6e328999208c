"""One chat request as a value, and the port through which it is completed."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.tool_spec import ToolSpec
from .capabilities import Capabilities
from .completion import Completion
from .messages import Message
from .schema import AnswerSchema

TokenObserver = Callable[[str], None]
"""Receives the pieces of a streamed answer."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters; None leaves a parameter out."""

    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a function returned for the call with this id."""

    call_id: str
    content: str

    def document(self) -> dict[str, object]:
        return {"role": "tool", "tool_call_id": self.call_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class TextTurn:
    """A turn of plain text; `role` is `assistant` or `user`."""

    role: str
    content: str

    def document(self) -> dict[str, object]:
        return {"role": self.role, "content": self.content}


Turn = Message | ToolResult | TextTurn


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything that a reply depends on, and how it is asked for.

    Attributes:
        role: the agent's role; usage is booked under this name.
        schema: the form of the answer.
        turns: what followed the first user message.
        tools: functions on offer; with `tools_open` the model may call them before it answers.
        sample: number of the sample, where one request is made several times.
        capabilities: what is requested of the endpoint; not part of the key.
        observer: receives the answer as it is streamed; not part of the key.
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
    capabilities: Capabilities = field(default=Capabilities(), compare=False)
    observer: TokenObserver | None = field(default=None, compare=False)

    @property
    def characters(self) -> int:
        """Return the length of the text of all messages."""
        return len(self.system) + len(self.user) + sum(len(turn.content) for turn in self.turns)

    def canonical(self) -> str:
        """Return the request as canonical JSON: keys sorted, no blanks, ASCII only.

        Capabilities are left out, so that a resumed run finds its calls before it has learnt them again. The role is
        included: agents with the same words are asked separately. Parameters and sample number are left out where
        they are not used; requests of earlier versions keep their text.
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
        return json.dumps(asked, sort_keys=True, separators=(",", ":"))

    @property
    def key(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hexadecimal: the key of the call in the log."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


class ChatTransport(Protocol):
    """Completes chat requests.

    Contract: `complete` returns a completion or raises ModelError. RequestRejected says that the request cannot be
    served as it is, ModelUnavailable that no usable reply came, BudgetExceeded that nothing may be spent. It never
    judges the answer. `open` prepares connections in the running event loop, `aclose` closes them; both may be called
    again, and `complete` works without `open`.
    """

    async def complete(self, request: ChatRequest) -> Completion: ...

    async def open(self) -> None: ...

    async def aclose(self) -> None: ...


class WrappingTransport:
    """Base of transports around one other: `open` and `aclose` are those of the inner one."""

    def __init__(self, inner: ChatTransport) -> None:
        self._inner = inner

    async def open(self) -> None:
        """Prepare the connections of the inner transport."""
        await self._inner.open()

    async def aclose(self) -> None:
        """Close the connections of the inner transport."""
        await self._inner.aclose()


def function_document(spec: ToolSpec) -> Mapping[str, object]:
    """Return a function in the form of the API."""
    function = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return {"type": "function", "function": function}
