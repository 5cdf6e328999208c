"""A model with scripted replies: for tests, demonstrations and examples."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..domain.abstention import Abstention, AbstentionCause, cause_for_error
from ..domain.decision import ModelInfo
from ..domain.errors import InvalidOutput, ModelError
from .port import ModelRequest

T = TypeVar("T", bound=BaseModel)

ScriptedReply = BaseModel | Abstention
Script = Mapping[str, "ScriptedReply | Sequence[ScriptedReply] | Callable[[ModelRequest[Any]], ScriptedReply]"]


class ScriptedModel:
    """Answers each role from a script.

    A role's entry is one answer for every request, a sequence of answers in order, or a function of the request. As
    with other models, answers are validated against `request.answer` and `request.check`.

    Attributes:
        asked: all requests so far, in order.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._used: dict[str, int] = {}
        self.asked: list[ModelRequest[Any]] = []

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("scripted", "scripted", "scripted")

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Return the scripted answer, or an abstention if the script has none or it is invalid."""
        self.asked.append(request)
        await asyncio.sleep(0)  # yield to the event loop once, as a network call does
        line = self._line(request)
        if isinstance(line, Abstention):
            return line
        try:
            answer = line if isinstance(line, request.answer) else _coerce(line, request)
            request.check(answer)
        except ModelError as error:
            return Abstention(request.role, cause_for_error(error), str(error))
        return answer

    def _line(self, request: ModelRequest[Any]) -> ScriptedReply:
        if request.role not in self._script:
            return Abstention(
                request.role, AbstentionCause.MODEL, f"the script holds nothing for the role {request.role!r}"
            )
        entry = self._script[request.role]
        if isinstance(entry, BaseModel | Abstention):
            return entry
        if callable(entry):
            return entry(request)
        place = self._used.get(request.role, 0)
        self._used[request.role] = place + 1
        if place < len(entry):
            return entry[place]
        return Abstention(
            request.role, AbstentionCause.MODEL, f"the script for {request.role!r} ended after {place} answers"
        )


def _coerce(line: BaseModel, request: ModelRequest[T]) -> T:
    try:
        return request.answer.model_validate_json(line.model_dump_json())
    except ValidationError as error:
        wanted, given = request.answer.__name__, type(line).__name__
        raise InvalidOutput(f"the script answers {request.role!r} with {given}, but {wanted} was asked for") from error
