"""A model that says what it was told to: for tests, demonstrations and examples."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..domain.abstention import Abstention, Cause, cause_of
from ..domain.decision import ModelUse
from ..domain.errors import InvalidOutput, ModelError
from .port import Question

T = TypeVar("T", bound=BaseModel)

Line = BaseModel | Abstention
Script = Mapping[str, "Line | Sequence[Line] | Callable[[Question[Any]], Line]"]


class ScriptedModel:
    """Answers each role from a script.

    A role's entry is one answer for every question, a sequence of answers given in order, or a function of the
    question. As from any other model, what comes out has the form asked for and has passed the question's check.

    Attributes:
        asked: every question so far, in order.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._told: dict[str, int] = {}
        self.asked: list[Question[Any]] = []

    @property
    def use(self) -> ModelUse:
        return ModelUse("scripted", "scripted", "scripted")

    async def ask(self, question: Question[T]) -> T | Abstention:
        """Return the scripted answer; abstains where the script has none, or one that does not stand the check."""
        self.asked.append(question)
        await asyncio.sleep(0)  # give way once, as a call over a network does
        line = self._line(question)
        if isinstance(line, Abstention):
            return line
        try:
            answer = line if isinstance(line, question.answer) else _recast(line, question)
            question.check(answer)
        except ModelError as error:
            return Abstention(question.role, cause_of(error), str(error))
        return answer

    def _line(self, question: Question[Any]) -> Line:
        if question.role not in self._script:
            return Abstention(question.role, Cause.MODEL, f"the script holds nothing for the role {question.role!r}")
        entry = self._script[question.role]
        if isinstance(entry, BaseModel | Abstention):
            return entry
        if callable(entry):
            return entry(question)
        place = self._told.get(question.role, 0)
        self._told[question.role] = place + 1
        if place < len(entry):
            return entry[place]
        return Abstention(question.role, Cause.MODEL, f"the script for {question.role!r} ended after {place} answers")


def _recast(line: BaseModel, question: Question[T]) -> T:
    try:
        return question.answer.model_validate_json(line.model_dump_json())
    except ValidationError as error:
        wanted, told = question.answer.__name__, type(line).__name__
        raise InvalidOutput(f"the script answers {question.role!r} with {told}, but {wanted} was asked for") from error
