"""Interface of models: a request returns a validated answer or an abstention."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from ..domain.abstention import Abstention
from ..domain.decision import ModelInfo
from ..domain.picture import Picture
from ..domain.tool_spec import ToolSpec

T = TypeVar("T", bound=BaseModel)


class Tier(StrEnum):
    """Which of the two configured models is used: quick for analysis, deep for judgement."""

    QUICK = "quick"
    DEEP = "deep"


class Toolset(Protocol):
    """Functions offered with a request.

    `call` takes the function's name and its arguments as the model wrote them (JSON text) and returns text for the
    model. It does not raise for invalid calls: the returned text explains an unknown name, invalid JSON or an invalid
    argument.
    """

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    def call(self, name: str, arguments: str) -> str: ...


def accept_any(_: object) -> None:
    """Accept any valid answer."""


@dataclass(frozen=True, slots=True)
class ModelRequest(Generic[T]):
    """A request of one role to a model.

    Attributes:
        role: the agent's role; usage is recorded under this name.
        system: the constant part of the prompt, equal for every ticker and day.
        user: the variable part of the prompt.
        answer: the class of the answer.
        check: raises InvalidOutput or CitationError for a valid answer that is inconsistent with the context.
        tools: functions that the model may call before it answers, or None.
        seed: passed to models that accept a seed.
        sample: number of the answer if the request is made several times; each number is a call of its own.
        attempts: number of answers until one is accepted, whether they are invalid or rejected by `check`.
        pictures: shown after `user`; a model that accepts no images is sent a sentence in their place.
    """

    role: str
    tier: Tier
    system: str
    user: str
    answer: type[T]
    check: Callable[[T], None] = accept_any
    tools: Toolset | None = None
    seed: int | None = None
    sample: int = 0
    attempts: int = 2
    pictures: tuple[Picture, ...] = ()


class Model(Protocol):
    """Generates validated answers.

    Contract: `generate` does not raise for errors of a model or its endpoint. A reply that is invalid or rejected by
    `request.check` is sent back with the defect; the last of `request.attempts` gives an Abstention with cause ANSWER
    or CITATION. A missing reply and an exceeded deadline give an Abstention with cause MODEL; a used-up budget gives
    one with cause BUDGET.
    """

    @property
    def info(self) -> ModelInfo: ...

    async def generate(self, request: ModelRequest[T]) -> T | Abstention: ...


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One finished call of an endpoint.

    `key` is a hash of the request; `reply` is the assistant message, with its finish reason, as JSON text. Tokens are
    those reported by the endpoint, or characters / 4 if it reports none (`estimated`). `request` is the JSON text of
    `stored_request`; None for calls of earlier versions. `wall_s` is the duration in seconds.
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
    """Keeps the finished calls of one run, so that a resumed run does not repeat them.

    `save` returns after the call is stored durably. `find` returns the saved call or None. `keep` stores pictures by
    the hashes of their files, equal ones once.
    """

    def find(self, key: str) -> ModelCall | None: ...

    def save(self, call: ModelCall) -> None: ...

    def keep(self, pictures: Sequence[Picture]) -> None: ...

    def calls(self) -> Sequence[ModelCall]: ...
