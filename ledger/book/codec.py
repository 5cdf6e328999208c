"""Canonical JSON of events: sorted keys, no floats, exactly one text for each value."""

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum, StrEnum
from functools import cache
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ...domain.errors import SchemaMismatch
from ..model.events import (
    AccountReducing,
    AccountResumed,
    DividendBooked,
    DividendPaid,
    Event,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    SymbolRenamed,
)
from ..model.order import OrderTerms
from ..model.order_events import OrderAccepted, OrderActivated, OrderFilled, OrderReduced, OrderRefusal
from ..model.proposal_events import PROPOSAL_EVENTS, CancelProposed, OrderProposed
from .wire_names import EVENT_NAMES, field_names

T = TypeVar("T")
kind_of: Callable[[object], Any] = type
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
ATOM_WRITERS: dict[str, object] = {
    "str_": encode_basestring,
    "int_": int.__repr__,
    "bool_": {False: "false", True: "true"}.__getitem__,
}
"""The functions that a compiled writer calls; each accepts one type only."""
EVENTS: dict[str, type[Event]] = {name: kind for kind, name in EVENT_NAMES.items()}
ADDED: dict[type, tuple[int, dict[str, Any]]] = {
    OrderFilled: (2, {"low": None, "high": None}),
    OrderReduced: (2, {"reserved": None}),
    DividendBooked: (3, {"payment": 1}),
    DividendPaid: (3, {"payment": 1}),
    SplitApplied: (3, {"sold": ()}),
    SymbolRenamed: (3, {}),
    SymbolQuarantined: (3, {}),
    SymbolReleased: (3, {}),
    AccountReducing: (4, {}),
    AccountResumed: (4, {"reason": ""}),
    **dict.fromkeys(PROPOSAL_EVENTS, (4, {})),
    CancelProposed: (5, {}),
    OrderActivated: (6, {"reserved": None}),
}
"""The fields that a later schema added to an event, with their values in events of earlier schemas.

An event without such fields was itself added by that schema.
"""

LATER_FIELDS: dict[type, tuple[tuple[int, tuple[str, ...]], ...]] = {
    OrderTerms: ((5, ("good_after", "slice_of")), (6, ("awaits",)))
}
"""The fields that later schemas added to a fact inside an event, by schema.

The fields of a schema are written only if one of them, or of a later schema, is set.
"""
EVENTS_WITH_TERMS = (OrderAccepted, OrderRefusal, OrderProposed)


def canonical(value: object) -> str:
    """Return the canonical JSON text of a plain value; raises ValueError for NaN and infinities."""
    return ENCODER.encode(value)


def to_plain(fact: object) -> Any:
    """Return a fact as dicts, lists, strings, booleans and integers; raises SchemaMismatch for any other type."""
    if fact is None or isinstance(fact, str | bool | int):
        return fact.value if isinstance(fact, Enum) else fact
    if isinstance(fact, tuple | list):
        return [to_plain(item) for item in fact]
    if is_dataclass(fact):
        absent = _absent_fields(fact)
        return {
            stored: to_plain(getattr(fact, name)) for name, stored in field_names(kind_of(fact)) if name not in absent
        }
    raise SchemaMismatch(f"a {type(fact).__name__} cannot be written to the journal")


def _absent_fields(fact: object) -> tuple[str, ...]:
    """Return the fields of the schemas after the one that the fact needs."""
    schema = _schema_of_fact(fact)
    return tuple(name for added, names in LATER_FIELDS.get(kind_of(fact), ()) if added > schema for name in names)


def _schema_of_fact(fact: object) -> int:
    """Return the oldest schema that has all fields set in a fact inside an event."""
    later = LATER_FIELDS.get(kind_of(fact), ())
    return max((schema for schema, names in later if any(getattr(fact, n) is not None for n in names)), default=1)


def stored_facts(event: Event) -> dict[str, Any]:
    """Return an event as `to_plain` does, without the fields of schema 3 in an event of an earlier schema.

    The fields of schema 2 are always present, so that reports and state hashes are those of earlier versions.
    """
    facts: dict[str, Any] = to_plain(event)
    schema, later = ADDED.get(kind_of(event), (1, {}))
    if schema < 3 or schema_of(event) == schema:
        return facts
    return {name: value for name, value in facts.items() if name not in later}


def write_event(event: Event) -> str:
    """Return the canonical JSON of an event, with its stored name under `type`.

    Raises an exception for a value whose type differs from the declared one. An event of an earlier schema is written
    without the fields of later ones, so that its hash stays valid.
    """
    kind = kind_of(event)
    return (
        _writer(kind)(event)
        if kind not in ADDED or schema_of(event) > 1
        else _writer(kind, tuple(ADDED[kind][1]))(event)
    )


def schema_of(event: Event) -> int:
    """Return the oldest journal schema that has all fields set in the event."""
    inside = _schema_of_terms(event) if isinstance(event, EVENTS_WITH_TERMS) else 1
    if (added := ADDED.get(kind_of(event))) is None:
        return inside
    schema, later = added
    is_early = later and all(getattr(event, name) == absent for name, absent in later.items())
    return max(inside, 1 if is_early else schema)


def _schema_of_terms(event: OrderAccepted | OrderRefusal | OrderProposed) -> int:
    exits = () if isinstance(event, OrderAccepted) else event.exits
    return max(_schema_of_fact(terms) for terms in (event.terms, *exits))


@cache
def _writer(kind: Any, without: tuple[str, ...] = ()) -> Callable[[Any], str]:
    """Return a compiled equivalent of `canonical(to_plain(fact))` for facts of type `kind`.

    The fields in `without` are left out. The compiled source contains declared field names only.
    """
    template, gaps = _object(kind, "fact", without)
    written: Callable[[Any], str] = eval(f"lambda fact: '{template}' % {_filled(gaps)}", dict(ATOM_WRITERS))  # noqa: S307
    return written


def _object(kind: Any, place: str, without: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """Return a %-format template for the fact at the expression `place`, and the expressions of its values."""
    hints = get_type_hints(kind)
    parts: dict[str, list[str]] = {}
    for name, stored in (each for each in field_names(kind) if each[0] not in without):
        text, gaps = _value(hints[name], f"{place}.{name}")
        parts[f'"{stored}":{text}'] = gaps
    if kind in EVENT_NAMES:
        parts[f'"type":"{EVENT_NAMES[kind]}"'] = []
    return "{" + ",".join(sorted(parts)) + "}", [gap for part in sorted(parts) for gap in parts[part]]


def _value(hint: Any, place: str) -> tuple[str, list[str]]:
    if hint in LATER_FIELDS:
        return "%s", [_either(hint, place)]
    if is_dataclass(hint):
        return _object(hint, place)
    origin = get_origin(hint)
    if origin is tuple:
        return "[%s]", [_items(get_args(hint), place)]
    if origin in (Union, UnionType):
        inner = next(part for part in get_args(hint) if part is not NoneType)
        return "%s", [f"'null' if {place} is None else {_atom(inner)}({place})"]
    return "%s", [f"{_atom(hint)}({place})"]


def _either(hint: Any, place: str) -> str:
    """Return the expression of a fact that is written without the fields of later schemas that it does not need."""
    left = [name for _, names in LATER_FIELDS[hint] for name in names]
    choices = list[str]()
    for _, names in ((0, ()), *LATER_FIELDS[hint]):
        left = left[len(names) :]
        text, gaps = _object(hint, place, tuple(left))
        is_enough = " and ".join(f"{place}.{name} is None" for name in left)
        choices.append(f"'{text}' % {_filled(gaps)}" + (f" if {is_enough}" if is_enough else ""))
    return f"({' else '.join(choices)})"


def _items(parts: tuple[Any, ...], place: str) -> str:
    """Return the expression of the items between the brackets; an empty sequence, the common case, is tested first."""
    if Ellipsis not in parts:
        return f"','.join({_filled([f'{_atom(part)}({place}[{at}])' for at, part in enumerate(parts)])})"
    text, gaps = _value(parts[0], "item")
    return f"','.join(['{text}' % {_filled(gaps)} for item in {place}]) if {place} else ''"


def _filled(gaps: list[str]) -> str:
    return f"({''.join(f'{gap}, ' for gap in gaps)})"


def _atom(hint: Any) -> str:
    return "str_" if issubclass(hint, StrEnum) else f"{hint.__name__}_"


def read_event(text: str) -> Event:
    """Parse an event written by `write_event`; raises SchemaMismatch for an unknown event or field."""
    document = json.loads(text)
    kind = EVENTS.get(document.pop("type", ""))
    if kind is None:
        raise SchemaMismatch(
            "the journal holds an event that this version does not know; use the version that wrote it"
        )
    if kind in ADDED and document.keys().isdisjoint(ADDED[kind][1]):
        document |= ADDED[kind][1]
    return rebuild(kind, document)


def rebuild(kind: type[T], document: dict[str, object]) -> T:
    """Build the dataclass `kind` from the output of `to_plain`; raises SchemaMismatch when the fields differ."""
    hashable: Any = kind
    readers = _readers(hashable)
    for _, names in LATER_FIELDS.get(hashable, ()):
        if document.keys().isdisjoint(names):
            document = document | dict.fromkeys(names)
    if readers.keys() != document.keys():
        raise SchemaMismatch(f"a {kind.__name__} in the journal has other fields than this version knows")
    attributes = {stored: name for name, stored in field_names(hashable)}
    return kind(**{attributes[stored]: readers[stored](value) for stored, value in document.items()})


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {stored: _reader(hints[name]) for name, stored in field_names(kind)}


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
