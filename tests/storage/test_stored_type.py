"""Stored types: their schema is built on first use, and values survive their JSON text."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openoutcry.storage.stored_type import StoredType
from pydantic import ValidationError
from pydantic.errors import PydanticSchemaGenerationError


class Opaque:
    """A class for which pydantic has no schema."""


@dataclass(frozen=True)
class Row:
    """A stored row."""

    name: str
    at: datetime
    price: Decimal


ROW = Row("one", datetime(2025, 3, 3, 21, tzinfo=UTC), Decimal("1.50"))


def test_the_schema_is_built_on_first_use():
    stored = StoredType(Opaque)
    with pytest.raises(PydanticSchemaGenerationError):
        stored.to_json(Opaque())


def test_a_value_is_written_and_read():
    stored = StoredType(Row)
    assert stored.to_json(ROW) == b'{"name":"one","at":"2025-03-03T21:00:00Z","price":"1.50"}'
    assert stored.from_json(stored.to_json(ROW)) == ROW
    assert stored.to_values(ROW) == {"name": "one", "at": "2025-03-03T21:00:00Z", "price": "1.50"}
    assert stored.from_values(stored.to_values(ROW)) == ROW


def test_a_text_of_another_shape_is_refused():
    with pytest.raises(ValidationError):
        StoredType(Row).from_json('{"name": "one"}')
