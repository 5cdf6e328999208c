"""The decision record is stored by field name: a renamed field would make stored decisions unreadable."""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from openoutcry.domain.decision import Decision
from pydantic import BaseModel

STORED = Path(__file__).with_name("stored_decision_fields.json")


def parts(kind: Any) -> list[Any]:
    """Return the types of this package that an annotation names, those inside its arguments included."""
    found = [kind] if isinstance(kind, type) and kind.__module__.startswith("openoutcry.") else []
    return found + [part for argument in get_args(kind) for part in parts(argument)]


def stored_names(kind: Any, found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the field names, or enum values, of a type and of all types that it holds."""
    if kind.__name__ in found:
        return found
    if issubclass(kind, Enum):
        found[kind.__name__] = sorted(str(member.value) for member in kind)
    elif issubclass(kind, BaseModel) or is_dataclass(kind):
        names = kind.model_fields if issubclass(kind, BaseModel) else [field.name for field in fields(kind)]
        found[kind.__name__] = sorted(names)
        for annotation in get_type_hints(kind).values():
            for part in parts(annotation):
                stored_names(part, found)
    return found


def test_every_stored_name_of_a_decision_is_the_one_of_earlier_versions() -> None:
    now = sorted(map(tuple, stored_names(Decision, {}).values()))
    before = sorted(map(tuple, json.loads(STORED.read_text(encoding="utf-8")).values()))
    missing = [names for names in before if not any(set(names) <= set(other) for other in now)]
    assert missing == []
