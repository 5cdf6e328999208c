"""Parsing and validation of the answer in an assistant message."""

from typing import TypeVar

from pydantic import BaseModel

from .messages import Message
from .port import ModelRequest
from .reading.reader import read_answer
from .reading.validation import Reading

T = TypeVar("T", bound=BaseModel)


def parse_output(message: Message, request: ModelRequest[T], reading: Reading[T] | None = None) -> Reading[T]:
    """Return the answer that `message` holds and the repairs that it needed.

    `reading` is what `read_answer` returned for the message, if it was called before.

    Raises:
        InvalidOutput: `read_answer` finds no answer, or the request's check refuses it.
        CitationError: as the request's check raises it.
    """
    reading = reading or read_answer(message, request.answer)
    request.check(reading.answer)
    return reading
