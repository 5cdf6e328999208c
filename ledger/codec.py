"""Facts as canonical JSON and back: sorted keys, integers only, one text for one fact."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ..domain.errors import SchemaMismatch
from .events import Event

T = TypeVar("T")
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def canonical(value: object) -> str:
    """Return the one JSON text of a plain value."""
    return ENCODER.encode(value)


def plain(fact: object) -> Any:
    """Return a fact as dicts, lists, texts and integers; a float raises, for none belongs here."""
    if fact is None or isinstance(fact, str | bool | int):
        return fact.value if isinstance(fact, Enum) else fact
    if isinstance(fact, tuple | list):
        return [plain(item) for item in fact]
    if is_dataclass(fact):
        kind: Any = type(fact)
        return {name: getattr(fact, name) if atomic else plain(getattr(fact, name)) for name, atomic in _fields(kind)}
    raise SchemaMismatch(f"a {type(fact).__name__} cannot be written to the journal")


def write_event(event: Event) -> str:
    """Return the canonical JSON of an event, its type under `type`."""
    return canonical({"type": type(event).__name__, **plain(event)})


def read_event(text: str) -> Event:
    """Return the event that `write_event` wrote; raises SchemaMismatch for one that this version does not know."""
    document = json.loads(text)
    kind = EVENTS.get(document.pop("type", ""))
    if kind is None:
        raise SchemaMismatch(
            "the journal holds an event that this version does not know; use the version that wrote it"
        )
    return rebuild(kind, document)


def rebuild(kind: type[T], document: dict[str, object]) -> T:
    """Return the dataclass `kind` from what `plain` made of it."""
    hashable: Any = kind
    readers = _readers(hashable)
    if readers.keys() != document.keys():
        raise SchemaMismatch(f"a {kind.__name__} in the journal has other fields than this version knows")
    return kind(**{name: readers[name](value) for name, value in document.items()})


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a fact, each with whether it can go to JSON as it is; closed sets of texts are texts."""
    return tuple((name, _is_atomic(hint)) for name, hint in get_type_hints(kind).items())


def _is_atomic(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return all(_is_atomic(part) for part in get_args(hint))
    return hint is NoneType or (isinstance(hint, type) and issubclass(hint, str | int))


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {name: _reader(hints[name]) for name in _names(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = _reader(next(part for part in get_args(hint) if part is not NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _tuple_reader(get_args(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: rebuild(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return lambda value: value


def _tuple_reader(parts: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        inner = _reader(parts[0])
        return lambda value: tuple(inner(item) for item in value)
    readers = [_reader(part) for part in parts]
    return lambda value: tuple(read(item) for read, item in zip(readers, value, strict=True))
