"""The model port: one request in, a checked answer or an abstention out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention
from ..domain.decision import ModelInfo
from ..domain.tool_spec import ToolSpec

T = TypeVar("T", bound=BaseModel)


class Tier(StrEnum):
    """Which of the two configured models answers: the quick one gathers, the deep one judges."""

    QUICK = "quick"
    DEEP = "deep"


class Toolset(Protocol):
    """Functions offered with a question.

    `call` takes the function's name and its arguments as the model wrote them (JSON text) and returns text for the
    model. It never raises for what a model wrote: a bad name, bad JSON or a bad argument is answered in words.
    """

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    def call(self, name: str, arguments: str) -> str: ...


def accept_any(_: object) -> None:
    """Accept any answer that has the right form."""


@dataclass(frozen=True, slots=True)
class ModelRequest(Generic[T]):
    """What one role requests of a model.

    Attributes:
        role: the agent's role; usage is booked under this name.
        system: the constant part of the prompt, the same for every ticker and day.
        user: the part that changes.
        answer: the class that the reply must validate as.
        check: raises InvalidOutput or CitationError for a reply of the right form that makes no sense in this case.
        tools: functions the model may call before it answers, or None.
        seed: passed to the model where it takes one.
    """

    role: str
    tier: Tier
    system: str
    user: str
    answer: type[T]
    check: Callable[[T], None] = accept_any
    tools: Toolset | None = None
    seed: int | None = None


class Model(Protocol):
    """Generates checked answers.

    Contract: `generate` never raises for anything that a model or its endpoint did. A reply that does not validate, or
    that `request.check` rejects, is sent back once with the defect named; a second invalid reply is an Abstention with
    cause ANSWER or CITATION. No reply at all, and a decision's deadline, are an Abstention with cause MODEL; a spent
    budget, with cause BUDGET.
    """

    @property
    def info(self) -> ModelInfo: ...

    async def generate(self, request: ModelRequest[T]) -> T | Abstention: ...


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One finished exchange with an endpoint.

    `key` is a hash over the request; `reply` the assistant message, with its finish reason, as JSON text. Tokens are
    as the endpoint reported them, or characters / 4 where it did not (`estimated`). `request` is the JSON text of
    `stored_request`; None for a call that was stored before requests were.
    """

    key: str
    role: str
    model: str
    reply: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    wall_s: float
    estimated: bool
    request: str | None = None


class CallLog(Protocol):
    """Keeps finished calls of one run, so that an interrupted run never pays for one twice.

    `save` returns only when the call would survive the process being killed. `find` returns the saved call or None.
    """

    def find(self, key: str) -> ModelCall | None: ...

    def save(self, call: ModelCall) -> None: ...

    def calls(self) -> Sequence[ModelCall]: ...
