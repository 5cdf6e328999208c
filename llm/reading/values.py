"""Repairs of values by the form of their field: lists, terms, numbers, ids and idle orders."""

import csv
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ...domain.errors import InvalidOutput
from ...domain.text import clean_text
from .bounds import MOST_IDS
from .fields import FieldKind, Schema, field_kind, is_nullable, is_share, without_null
from .json_text import UnreadableJson, read_json
from .number_text import read_number, read_percentage
from .repairs import (
    CONTROL_CHARACTERS,
    ENUM_SPELLING,
    ID_BRACKETS,
    IDLE_ORDER,
    LIST_AS_TEXT,
    NO_RATIONALE,
    NULL_AS_TEXT,
    NULL_FOR_LIST,
    NUMBER_AS_TEXT,
    PERCENT,
    REPEATED_ID,
    SINGLE_FOR_LIST,
    SYNONYM,
    AppliedRepair,
    Repair,
)

NO_REASON = "No reason was given."
_NULLS = frozenset({"", "null", "none", "n/a"})
_IDLE = frozenset({"hold", "none", "no_action", "wait"})
_ENCLOSING = re.compile(r"\A[\s\[\](){}<>\"'`*“”‘’«»【】]+|[\s\[\](){}<>\"'`*“”‘’«»【】.,;!。]+\Z")


class ValueRepairs:
    """Repairs the values of one answer and keeps what was repaired, in order, in `applied`."""

    def __init__(self) -> None:
        self.applied: list[AppliedRepair] = []

    def repaired(self, schema: Schema, value: Any, place: str = "") -> Any:
        """Return `value` as its field wants it; what cannot be repaired is returned unchanged.

        Raises:
            InvalidOutput: a number is given as true or false.
        """
        if isinstance(value, str):
            value = self._cleaned(value, place)
        kind = field_kind(schema)
        if value is None and is_nullable(schema):
            return None
        repair: Callable[[Schema, Any, str], Any] | None = {
            FieldKind.OBJECT: self._object,
            FieldKind.OBJECTS: self._objects,
            FieldKind.TEXTS: self._texts,
            FieldKind.TERM: self._term,
            FieldKind.NUMBER: self._number,
        }.get(kind)
        return value if repair is None else repair(schema, value, place)

    def _note(self, repair: Repair, place: str) -> None:
        self.applied.append(AppliedRepair(repair, place))

    def _cleaned(self, value: str, place: str) -> str:
        cleaned = clean_text(value)
        if cleaned != value:
            self._note(CONTROL_CHARACTERS, place)
        return cleaned

    def _object(self, schema: Schema, value: Any, place: str) -> Any:
        if not isinstance(value, dict):
            return value
        fields = without_null(schema).get("properties", {})
        found = {key: self.repaired(fields[key], each, _path(place, key)) if key in fields else each
                 for key, each in value.items()}  # fmt: skip
        if found.get("orders") == [] and "rationale" in fields and _is_blank(found.get("rationale")):
            self._note(NO_RATIONALE, _path(place, "rationale"))
            found["rationale"] = NO_REASON
        return found

    def _objects(self, schema: Schema, value: Any, place: str) -> Any:
        value = self._as_list(value, place)
        if not isinstance(value, list):
            return value
        item, kept = without_null(schema)["items"], []
        for number, each in enumerate(value):
            if {"action", "quantity"} <= item.get("properties", {}).keys() and _is_idle(each):
                self._note(IDLE_ORDER, f"{place}.{number}")
            else:
                kept.append(self.repaired(item, each, f"{place}.{number}"))
        return kept

    def _texts(self, schema: Schema, value: Any, place: str) -> Any:
        if value is None:
            self._note(NULL_FOR_LIST, place)
            return []
        value = self._as_list(value, place)
        if not isinstance(value, list) or "enum" in without_null(schema).get("items", {}):
            return value
        bare = [_bare_id(clean_text(each)) if isinstance(each, str) else each for each in value]
        if bare != value:
            self._note(ID_BRACKETS, place)
        if place.rsplit(".", 1)[-1] != "evidence" or len(bare) > MOST_IDS:
            return bare  # a lot that is named twice is an error in the order
        once = [each for number, each in enumerate(bare) if each not in bare[:number]]
        if once != bare:
            self._note(REPEATED_ID, place)
        return once

    def _as_list(self, value: Any, place: str) -> Any:
        """Return the list that a text holds, or a list of the one value; anything else unchanged."""
        if isinstance(value, dict):
            self._note(SINGLE_FOR_LIST, place)
            return [value]
        if not isinstance(value, str):
            return value
        try:
            found = read_json(value).value
        except UnreadableJson:
            found = None
        if isinstance(found, list):
            self._note(LIST_AS_TEXT, place)
            return found
        if not value.strip() or isinstance(found, dict):
            return value
        parts = [part for part in re.split(r"[,;\n]", _bare_id(value)) if part.strip()]
        self._note(SINGLE_FOR_LIST if len(parts) == 1 else LIST_AS_TEXT, place)
        return parts

    def _term(self, schema: Schema, value: Any, place: str) -> Any:
        terms = without_null(schema)["enum"]
        if not isinstance(value, str) or value in terms:
            return value
        plain = _plain_term(value)
        if plain in terms:
            self._note(ENUM_SPELLING, place)
            return plain
        if (known := _synonyms().get((place.rsplit(".", 1)[-1], plain))) in terms:
            self._note(SYNONYM, place)
            return known
        return value

    def _number(self, schema: Schema, value: Any, place: str) -> Any:
        if isinstance(value, bool):
            raise InvalidOutput(f"{place}: {json.dumps(value)} is no number")
        if not isinstance(value, str):
            return value
        if is_nullable(schema) and value.strip().casefold() in _NULLS:
            self._note(NULL_AS_TEXT, place)
            return None
        if is_share(schema) and (share := read_percentage(value)) is not None:
            self._note(PERCENT, place)
            return float(share)
        number = read_number(value)
        if number is not None:
            self._note(NUMBER_AS_TEXT, place)
        return value if number is None else number


def _path(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_idle(order: object) -> bool:
    """Return whether an order says hold, or has a quantity of zero."""
    if not isinstance(order, dict):
        return False
    action, quantity = order.get("action"), order.get("quantity")
    if isinstance(action, str) and _plain_term(clean_text(action)) in _IDLE:
        return True
    if isinstance(quantity, str):
        quantity = read_number(quantity)
        return quantity is not None and float(quantity) == 0
    return isinstance(quantity, int | float) and not isinstance(quantity, bool) and quantity == 0


def _bare_id(text: str) -> str:
    return re.sub(r"\A[\s\[\"'`(]+|[\s\]\"'`)]+\Z", "", text)


def _plain_term(text: str) -> str:
    return re.sub(r"[\s-]+", "_", _ENCLOSING.sub("", text).casefold())


@lru_cache(maxsize=1)
def _synonyms() -> Mapping[tuple[str, str], str]:
    """Return the kept table of synonyms: the value for a field's name and a term."""
    with (files(__package__) / "synonyms.csv").open(encoding="utf-8") as lines:
        return {(row["field"], row["term"]): row["value"] for row in csv.DictReader(lines)}
