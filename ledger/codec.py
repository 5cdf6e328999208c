"""Facts as canonical JSON and back: sorted keys, integers only, one text for one fact."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from functools import cache
from itertools import repeat
from json.encoder import encode_basestring
from operator import attrgetter, call
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ..domain.errors import SchemaMismatch
from .events import Event

T = TypeVar("T")
kind_of: Callable[[object], Any] = type
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
ATOMS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {False: "false", True: "true"}.__getitem__,
    NoneType: {None: "null"}.__getitem__,
}
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
        return {name: plain(getattr(fact, name)) for name in _names(kind_of(fact))}
    raise SchemaMismatch(f"a {type(fact).__name__} cannot be written to the journal")


def write_event(event: Event) -> str:
    """Return the canonical JSON of an event, its type under `type`; a value of another type than declared raises."""
    return _object_writer(kind_of(event))(event)


def _writer(hint: Any) -> Callable[[Any], str]:
    """Return what `plain` and `canonical` together do to a value of the declared type, found once instead of always."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = _writer(next(part for part in get_args(hint) if part is not NoneType))
        return lambda value: "null" if value is None else inner(value)
    if origin is tuple:
        return _tuple_writer(get_args(hint))
    if is_dataclass(hint):
        fact: Any = hint
        return _object_writer(fact)
    return encode_basestring if issubclass(hint, StrEnum) else ATOMS[hint]


def _tuple_writer(parts: tuple[Any, ...]) -> Callable[[Any], str]:
    writers = [_writer(part) for part in parts if part is not Ellipsis]
    endless = Ellipsis in parts
    return lambda items: f"[{','.join(map(call, repeat(writers[0]) if endless else writers, items))}]"


@cache
def _object_writer(kind: Any) -> Callable[[Any], str]:
    """Return the writer of a fact: a text with a gap for every field, and what fills the gaps."""
    hints, name_of_kind = get_type_hints(kind), str(kind.__name__)
    names = sorted(_names(kind))
    writers = [_writer(hints[name]) for name in names]
    parts = [f'"{name}":%s' for name in names]
    if EVENTS.get(name_of_kind) is kind:
        parts = sorted([*parts, f'"type":"{name_of_kind}"'])
    template = "{" + ",".join(parts) + "}"
    values = attrgetter(*names) if len(names) > 1 else lambda fact: [getattr(fact, name) for name in names]
    return lambda fact: template % tuple(map(call, writers, values(fact)))


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
