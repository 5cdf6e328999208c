"""Parsing and validation of the answer in an assistant message."""

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..domain.errors import InvalidOutput
from .messages import Message
from .port import ModelRequest

T = TypeVar("T", bound=BaseModel)

_FENCED = re.compile(r"```[\w-]*\s*\n?(.*?)```", re.DOTALL)
_SHOWN_DEFECTS = 5


def parse_output(message: Message, request: ModelRequest[T]) -> T:
    """Return the validated answer in `message`.

    Raises:
        InvalidOutput: refused, filtered, empty, truncated, not JSON, not valid for `request.answer`, or rejected by
            `request.check`.
        CitationError: raised by `request.check`.
    """
    if message.wants_tools:
        raise InvalidOutput("functions were called again where the answer was due")
    if message.finish == "content_filter":
        raise InvalidOutput("the endpoint's content filter withheld the answer")
    if message.refusal:
        raise InvalidOutput(f"the model refused: {message.refusal[:200]}")
    answer = _validated(message, request)
    request.check(answer)
    return answer


def _validated(message: Message, request: ModelRequest[T]) -> T:
    text = json_text(message.answer)
    try:
        return request.answer.model_validate_json(text)
    except ValidationError as error:
        if message.finish == "length":
            raise InvalidOutput("the answer was cut off at the length limit; say it in fewer words") from None
        if not text:
            raise InvalidOutput("the answer is empty") from None
        raise InvalidOutput(_validation_message(error)) from None


def json_text(content: str) -> str:
    """Return the JSON object in `content`: bare, in a Markdown fence, or surrounded by other text."""
    text = content.rsplit("</think>", 1)[-1].strip()
    if text.startswith("{"):
        return text
    if fenced := _FENCED.search(text):
        return fenced[1].strip()
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _validation_message(error: ValidationError) -> str:
    defects = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [_defect(defect) for defect in defects[:_SHOWN_DEFECTS]]
    more = len(defects) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _defect(defect: Any) -> str:
    if defect["type"] == "json_invalid":
        return "it is not a JSON object"
    place = ".".join(str(part) for part in defect["loc"]) or "the answer"
    return f"{place}: {defect['msg'].removeprefix('Value error, ')}"
