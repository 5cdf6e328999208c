"""JSON objects in a text: where they stand, and what can be read of each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .repairs import PUNCTUATION, RAW_CONTROL, TRAILING_COMMA, AppliedRepair

NOT_JSON = "it is not a JSON object"
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_WIDE_STRING = r"[“”＂][^“”＂\\]*(?:\\.[^“”＂\\]*)*[“”＂]"
_OPENING = re.compile(r"[{｛](?=\s*(?:[\"“”＂'}｝]|[\w-]+\s*[:：]))|[\[［](?=\s*[{｛])")
_PART = re.compile(rf"{_STRING}|{_WIDE_STRING}|[{{}}\[\]｛｝［］]", re.DOTALL)
_WIDE = re.compile(rf"(?P<kept>{_STRING})|(?P<text>{_WIDE_STRING})|(?P<sign>[｛｝［］：，])", re.DOTALL)
_TRAILING = re.compile(rf"(?P<kept>{_STRING})|,(?P<end>\s*[}}\]])", re.DOTALL)
_NARROW = str.maketrans("｛｝［］：，", "{}[]:,")
_OPENS, _CLOSES = frozenset("{[｛［"), frozenset("}]｝］")


class UnreadableJson(ValueError):
    """A text is no JSON, or JSON that says two things at once; the message is the defect in words."""


@dataclass(frozen=True, slots=True)
class JsonSpan:
    """A part of a text that is written like a JSON object or a list of them.

    Attributes:
        start: index of its first character in the text.
        end: index after its last one; the length of the text where it is not finished.
        finished: whether its brackets are closed.
    """

    start: int
    end: int
    finished: bool


@dataclass(frozen=True, slots=True)
class ReadJson:
    """The value of a JSON text, the text that it was read from, and the repairs of that text."""

    value: Any
    text: str
    repairs: tuple[AppliedRepair, ...] = ()


def json_spans(text: str) -> Iterator[JsonSpan]:
    """Yield the top-level spans of `text` in order; nothing after an unfinished one, for it may be inside."""
    place = 0
    while opening := _OPENING.search(text, place):
        place = _end(text, opening.start())
        yield JsonSpan(opening.start(), place or len(text), finished=place > 0)
        if not place:
            return


def read_json(text: str) -> ReadJson:
    """Return the value of `text`, repaired where it is no JSON as it stands.

    Raises:
        UnreadableJson: it is no JSON even so, or it gives a key twice with different values.
    """
    try:
        return ReadJson(_loads(text), text)
    except json.JSONDecodeError:
        pass
    narrow = _WIDE.sub(_narrowed, text)
    tidy = _TRAILING.sub(lambda found: found["kept"] or found["end"], narrow)
    repairs = [AppliedRepair(PUNCTUATION)] if narrow != text else []
    repairs += [AppliedRepair(TRAILING_COMMA)] if tidy != narrow else []
    try:
        return ReadJson(_loads(tidy), tidy, tuple(repairs))
    except json.JSONDecodeError:
        pass
    try:
        value = _loads(tidy, strict=False)
    except json.JSONDecodeError:
        raise UnreadableJson(NOT_JSON) from None
    return ReadJson(value, json.dumps(value), (*repairs, AppliedRepair(RAW_CONTROL)))


def _loads(text: str, *, strict: bool = True) -> Any:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, strict=strict)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate is no text
    except (json.JSONDecodeError, UnreadableJson):
        raise
    except (ValueError, RecursionError):
        raise UnreadableJson(NOT_JSON) from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and found[key] != value:
            raise UnreadableJson(f"{key[:60]} is given twice with different values")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise UnreadableJson(f"{name} is no number")


def _end(text: str, start: int) -> int:
    """Return the index after the bracket that closes the one at `start`; 0 where there is none."""
    depth = 0
    for part in _PART.finditer(text, start):
        sign = part[0]
        depth += (sign in _OPENS) - (sign in _CLOSES)
        if not depth:
            return part.end()
    return 0


def _narrowed(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    if found["sign"]:
        return found["sign"].translate(_NARROW)
    return '"' + re.sub(r'(?<!\\)"', r"\"", found["text"][1:-1]) + '"'
