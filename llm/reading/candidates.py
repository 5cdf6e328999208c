"""Which of the JSON objects in a text is the answer; a draft is none, and two different answers are none either."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from ...domain.errors import InvalidOutput
from ..messages import ANSWER_TOOL
from ..schema import answer_schema
from .json_text import NOT_JSON, ReadJson, UnreadableJson, json_spans, read_json
from .markers import says_draft, says_final, takes_back, without_fences
from .repairs import EARLIER_OBJECT, FENCE, PROSE, REPEATED_OBJECT, AppliedRepair
from .validation import Reading, form_names, validated
from .wrappers import unwrap

T = TypeVar("T", bound=BaseModel)

UNFINISHED = f"{NOT_JSON}: it is not finished"
AMBIGUOUS = "it holds several different answers; send only the final one"
DRAFT = "the JSON object is announced as a draft; send the final answer alone"
TAKEN_BACK = "the words after the JSON object take it back; send the final answer alone"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object in a text that is meant for the form asked for, whether or not it has it.

    Attributes:
        read: its value; None where it is no JSON.
        defect: why it is none, in words.
        before: the words between the candidate before it, or the beginning of the text, and this one.
        after: the words up to the next candidate, or to the end.
    """

    read: ReadJson | None
    defect: str
    before: str
    after: str


def read_text(text: str, answer: type[T], *, final: bool = False) -> Reading[T]:
    """Return the answer in `text`, which has no thoughts; `final` says that it is from a channel for final answers.

    The last candidate is the answer. One that differs from it may stand before it only as an announced draft, or where
    the last is announced as final.

    Raises:
        InvalidOutput: no candidate, an unfinished or invalid last one, a draft, or several different answers.
    """
    if (whole := whole_json(text)) is not None:
        return validated(whole, answer)
    candidates = _candidates(text, answer)
    if not candidates:
        raise InvalidOutput(NOT_JSON)
    last = candidates[-1]
    if last.read is None:
        raise InvalidOutput(last.defect)
    reading = validated(last.read, answer)
    if takes_back(last.after):
        raise InvalidOutput(TAKEN_BACK)
    if not final and says_draft(last.before):
        raise InvalidOutput(DRAFT)
    beside = _beside(candidates, reading.answer, final=final)
    return Reading(reading.answer, (*_packaging(text, last), *beside, *reading.repairs))


def read_only_object(text: str, answer: type[T]) -> Reading[T]:
    """Return the answer that a thought ends with.

    Raises:
        InvalidOutput: the thought holds another candidate, or goes on after it, or it is a draft.
    """
    candidates = _candidates(text, answer)
    if len(candidates) != 1 or without_fences(candidates[0].after).strip(" \t\r\n."):
        raise InvalidOutput(NOT_JSON)
    return read_text(text, answer)


def whole_json(text: str) -> ReadJson | None:
    """Return the value of a text that is one JSON value and nothing else; None for any other text.

    Raises:
        InvalidOutput: it gives a key twice with different values, or holds what is no number.
    """
    text = text.strip()
    if not text.startswith(("{", "[", '"')):
        return None
    try:
        return read_json(text)
    except UnreadableJson as error:
        if str(error) != NOT_JSON:
            raise InvalidOutput(str(error)) from None
        return None


def _candidates(text: str, answer: type[BaseModel]) -> list[Candidate]:
    """Return the candidates in the order of the text."""
    found: list[tuple[int, int, ReadJson | None, str]] = []
    for span in json_spans(text):
        part = text[span.start : span.end]
        read, defect = _read(part) if span.finished else (None, UNFINISHED)
        if _is_meant(read, part, answer):
            found.append((span.start, span.end, read, defect))
    if not found:
        return []
    starts = [start for start, *_ in found[1:]] + [len(text)]
    ends = [0] + [end for _, end, *_ in found[:-1]]
    return [
        Candidate(read, defect, text[before:start], text[end:after])
        for (start, end, read, defect), before, after in zip(found, ends, starts, strict=True)
    ]


def _read(part: str) -> tuple[ReadJson | None, str]:
    try:
        return read_json(part), ""
    except UnreadableJson as error:
        return None, str(error)


def _is_meant(read: ReadJson | None, part: str, answer: type[BaseModel]) -> bool:
    """Return whether a part of the text is an attempt at the answer: it has one of the answer's fields."""
    fields = answer_schema(answer).body.get("properties", {})
    names = form_names(answer)
    if read is None:
        return any(name in part for name in (*fields, *names, ANSWER_TOOL))
    try:
        value, repairs = unwrap(read.value, names)
    except UnreadableJson:
        return True
    members: list[Any] = value if isinstance(value, list) else [value]
    return bool(repairs) or any(isinstance(each, dict) and not fields.keys().isdisjoint(each) for each in members)


def _beside(candidates: Sequence[Candidate], answer: BaseModel, *, final: bool) -> tuple[AppliedRepair, ...]:
    """Return what is done with the candidates before the last; raises InvalidOutput where one of them may be meant."""
    *earlier, last = candidates
    repairs: dict[AppliedRepair, None] = {}
    for each in earlier:
        if _answer_of(each, type(answer)) == answer:
            repairs[AppliedRepair(REPEATED_OBJECT)] = None
        elif final or says_draft(each.before) or says_final(last.before):
            repairs[AppliedRepair(EARLIER_OBJECT)] = None
        elif _answer_of(each, type(answer)) is not None:
            raise InvalidOutput(AMBIGUOUS)
    return tuple(repairs)


def _answer_of(candidate: Candidate, answer: type[T]) -> T | None:
    if candidate.read is None:
        return None
    try:
        return validated(candidate.read, answer).answer
    except InvalidOutput:
        return None


def _packaging(text: str, last: Candidate) -> tuple[AppliedRepair, ...]:
    outside = last.before + last.after
    bare = without_fences(outside)
    repairs = [AppliedRepair(FENCE)] if bare != outside else []
    return tuple(repairs + ([AppliedRepair(PROSE)] if bare.strip() else []))
