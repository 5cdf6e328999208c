"""The first difference between two requests, as a JSON pointer with both values."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 60
ABSENT = "nothing"


@dataclass(frozen=True, slots=True)
class RequestDifference:
    """A difference: `path` is a JSON pointer (RFC 6901); the values are JSON, long texts shortened around the place."""

    path: str
    recorded: str
    asked: str


def first_difference(recorded: object, asked: object) -> RequestDifference | None:
    """Return the first difference of two JSON values, object keys in alphabetical order; None if they are equal."""
    return next(_differences("", recorded, asked), None)


def nearest(asked: object, recorded: Sequence[object]) -> object | None:
    """Return the recorded value with the fewest differences from `asked`, then the longest equal beginning."""

    def rank(candidate: object) -> tuple[int, int]:
        texts = json.dumps(candidate, sort_keys=True), json.dumps(asked, sort_keys=True)
        return sum(1 for _ in _differences("", candidate, asked)), -_equal_beginning(*texts)

    return min(recorded, key=rank, default=None)


def _differences(path: str, recorded: Any, asked: Any) -> Iterator[RequestDifference]:
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in sorted({*recorded, *asked}):
            pointer = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in recorded and name in asked:
                yield from _differences(pointer, recorded[name], asked[name])
            else:
                yield RequestDifference(pointer, _shown(recorded, name), _shown(asked, name))
    elif isinstance(recorded, list) and isinstance(asked, list):
        for place, (one, other) in enumerate(zip(recorded, asked, strict=False)):
            yield from _differences(f"{path}/{place}", one, other)
        if len(recorded) != len(asked):
            place = min(len(recorded), len(asked))
            yield RequestDifference(f"{path}/{place}", _item(recorded, place), _item(asked, place))
    elif type(recorded) is not type(asked) or recorded != asked:
        yield RequestDifference(path, *_excerpts(recorded, asked))


def _shown(document: dict[str, Any], name: str) -> str:
    return _excerpt(document[name], 0) if name in document else ABSENT


def _item(items: list[Any], place: int) -> str:
    return _excerpt(items[place], 0) if place < len(items) else ABSENT


def _excerpts(recorded: Any, asked: Any) -> tuple[str, str]:
    both_texts = isinstance(recorded, str) and isinstance(asked, str)
    equal = _equal_beginning(recorded, asked) if both_texts else 0
    start = max(0, equal - SHOWN // 2)
    return _excerpt(recorded, start), _excerpt(asked, start)


def _equal_beginning(one: str, other: str) -> int:
    """Return the length of the longest common prefix of two texts."""
    places = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(places, min(len(one), len(other)))


def _excerpt(value: Any, start: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    end = start + SHOWN
    cut = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return json.dumps(cut, ensure_ascii=False)
