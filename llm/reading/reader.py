"""From an assistant message to a typed answer: the channels of the message in order of trust."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

from ...domain.errors import InvalidOutput
from ..messages import ANSWER_TOOL, Message, text_in
from .candidates import AMBIGUOUS, read_only_object, read_text, whole_json
from .repairs import REASONING_FIELD, THOUGHT, AppliedRepair
from .thoughts import visible_text
from .validation import Reading, validated

T = TypeVar("T", bound=BaseModel)

EMPTY = "the answer is empty"
_CUT_OFF = frozenset({"length", "max_tokens", "model_length"})


def read_answer(message: Message, answer: type[T]) -> Reading[T]:
    """Return the answer that `message` holds, with the repairs that were made.

    The arguments of the answer's function come before the content, and the reasoning counts only where there is no
    content and the message ended by itself.

    Raises:
        InvalidOutput: refused, filtered, empty, cut off, ambiguous, a draft, or not of the form asked for.
    """
    _check_ending(message)
    submitted = [call.arguments for call in message.tool_calls if call.name == ANSWER_TOOL]
    if submitted:
        return _one_of([read_text(text, answer) for text in submitted])
    if message.content.strip():
        return _from_content(message.content, answer)
    if message.finish == "stop" and (reasoning := _reasoning(message)).strip():
        return _from_reasoning(reasoning, answer)
    raise InvalidOutput(EMPTY)


def _check_ending(message: Message) -> None:
    if message.wants_tools:
        raise InvalidOutput("functions were called again where the answer was due")
    if message.finish == "content_filter":
        raise InvalidOutput("the endpoint's content filter withheld the answer")
    if message.refusal:
        raise InvalidOutput(f"the model refused: {message.refusal[:200]}")
    if message.finish.lower() in _CUT_OFF:
        raise InvalidOutput("the answer was cut off at the length limit; say it in fewer words")


def _one_of(readings: list[Reading[T]]) -> Reading[T]:
    if any(reading.answer != readings[0].answer for reading in readings):
        raise InvalidOutput(AMBIGUOUS)
    return readings[0]


def _from_content(content: str, answer: type[T]) -> Reading[T]:
    if (whole := whole_json(content)) is not None:
        return validated(whole, answer)  # tags inside its texts are no thoughts
    visible = visible_text(content)
    if not visible.text.strip():
        raise InvalidOutput(EMPTY)
    reading = read_text(visible.text, answer, final=visible.final)
    thought = (AppliedRepair(THOUGHT),) if visible.thought else ()
    return Reading(reading.answer, (*thought, *reading.repairs))


def _from_reasoning(reasoning: str, answer: type[T]) -> Reading[T]:
    """Return the answer that a thought ends with; raises InvalidOutput where it holds more than one object."""
    try:
        reading = read_only_object(reasoning, answer)
    except InvalidOutput:
        raise InvalidOutput(EMPTY) from None
    return Reading(reading.answer, (AppliedRepair(REASONING_FIELD), *reading.repairs))


def _reasoning(message: Message) -> str:
    """Return the text of the reasoning, under whatever name the endpoint gives it."""
    if message.reasoning:
        return message.reasoning
    if isinstance(said := message.extra.get("reasoning"), str | list):
        return said if isinstance(said, str) else _joined(said)
    return _joined(message.extra.get("reasoning_details"))


def _joined(parts: object) -> str:
    """Return the texts of a list of parts, one after the other; empty for anything else."""
    found = parts if isinstance(parts, list) else []
    return "".join(text_in(part.get("text")) for part in found if isinstance(part, Mapping))
