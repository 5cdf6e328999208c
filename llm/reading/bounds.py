"""How large an answer may be, and texts that say nothing."""

from collections.abc import Iterator
from typing import Any

from ...domain.errors import InvalidOutput
from .fields import FieldKind, Schema, field_kind, without_null

LONGEST_ANSWER = 50_000
"""Characters of the JSON object of one answer; so a decision of R model answers holds at most R times as many."""

LONGEST_TEXT = 10_000
"""Characters of one text field."""

LONGEST_ID = 300
MOST_IDS = 200
MOST_ORDERS = 20


def check_bounds(schema: Schema, value: Any) -> None:
    """Check the sizes of an answer, and that each of its texts says something.

    Raises:
        InvalidOutput: a text is blank or too long, or a list has too many members.
    """
    if defect := next(_defects(schema, value, ""), None):
        raise InvalidOutput(defect)


def check_length(text: str) -> None:
    """Raise InvalidOutput where the JSON text of an answer is too long."""
    if len(text) > LONGEST_ANSWER:
        raise InvalidOutput(
            f"the answer has {len(text):,} characters; at most {LONGEST_ANSWER:,} are read, so say it in fewer words"
        )


def _defects(schema: Schema, value: Any, place: str) -> Iterator[str]:
    match field_kind(schema), value:
        case FieldKind.OBJECT, dict():
            for name, part in without_null(schema).get("properties", {}).items():
                if name in value:
                    yield from _defects(part, value[name], f"{place}.{name}" if place else name)
        case FieldKind.OBJECTS, list():
            if len(value) > MOST_ORDERS:
                yield f"{place}: {len(value)} entries; at most {MOST_ORDERS} are accepted"
            for number, each in enumerate(value):
                yield from _defects(without_null(schema)["items"], each, f"{place}.{number}")
        case FieldKind.TEXTS, list():
            yield from _id_defects(value, place)
        case FieldKind.TEXT, str():
            yield from _text_defects(value, place)


def _id_defects(ids: list[Any], place: str) -> Iterator[str]:
    if len(ids) > MOST_IDS:
        yield f"{place}: {len(ids)} ids; at most {MOST_IDS} are accepted"
    if any(isinstance(each, str) and len(each) > LONGEST_ID for each in ids):
        yield f"{place}: an id of more than {LONGEST_ID} characters"


def _text_defects(text: str, place: str) -> Iterator[str]:
    if len(text) > LONGEST_TEXT:
        yield f"{place}: {len(text):,} characters; at most {LONGEST_TEXT:,} are accepted"
    elif text and not text.strip():
        yield f"{place}: the text is blank"
