"""Types of stored JSON texts and rows, whose schemas are built on first use."""

from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

Stored = TypeVar("Stored")


class StoredType(Generic[Stored]):
    """Reads and writes values of one type.

    pydantic builds the schema of a large dataclass in 5 to 15 ms; a process that reads and writes none pays nothing.
    The methods raise what those of `pydantic.TypeAdapter` raise.
    """

    def __init__(self, stored: type[Stored]) -> None:
        self._type = stored

    @cached_property
    def _adapter(self) -> TypeAdapter[Stored]:
        return TypeAdapter(self._type)

    def to_json(self, value: Stored) -> bytes:
        """Return the JSON text of a value."""
        return self._adapter.dump_json(value)

    def from_json(self, text: str | bytes) -> Stored:
        """Return the value of a JSON text."""
        return self._adapter.validate_json(text)

    def to_values(self, value: Stored) -> Any:
        """Return a value as JSON values."""
        return self._adapter.dump_python(value, mode="json")

    def from_values(self, values: object) -> Stored:
        """Return the value of JSON values or of a row by column."""
        return self._adapter.validate_python(values)
