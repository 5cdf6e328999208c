"""The form of an answer's fields, read from its JSON schema."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]


class FieldKind(StrEnum):
    """What a field holds."""

    OBJECT = "object"
    OBJECTS = "list of objects"
    TEXTS = "list of texts"
    TERM = "term"
    NUMBER = "number"
    TEXT = "text"
    OTHER = "other"


def field_kind(schema: Schema) -> FieldKind:
    """Return what a field of this form holds, whether or not it may be null."""
    schema = without_null(schema)
    if "enum" in schema:
        return FieldKind.TERM
    match schema.get("type"):
        case "object":
            return FieldKind.OBJECT
        case "array":
            items = schema.get("items", {})
            return FieldKind.OBJECTS if items.get("type") == "object" else FieldKind.TEXTS
        case "number" | "integer":
            return FieldKind.NUMBER
        case "string":
            return FieldKind.TEXT
    return FieldKind.OTHER


def is_nullable(schema: Schema) -> bool:
    """Return whether null is a value of the field."""
    return any(option.get("type") == "null" for option in schema.get("anyOf", ()))


def without_null(schema: Schema) -> Schema:
    """Return the form of a field that is not null."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    found: Schema = options[0] if len(options) == 1 else schema
    return found


def is_share(schema: Schema) -> bool:
    """Return whether the field is a number between -1 and 1."""
    schema = without_null(schema)
    return schema.get("maximum") == 1 and schema.get("minimum") in (0, -1)


def field_at(schema: Schema, place: Sequence[str | int]) -> Schema | None:
    """Return the form of the field at a path of names and indices; None where the schema has none."""
    for step in place:
        schema = without_null(schema)
        if isinstance(step, int):
            schema = schema.get("items", {})
        elif step in schema.get("properties", {}):
            schema = schema["properties"][step]
        else:
            return None
    return schema
