"""Typed access to the fields of a vendor's document; a field of another type raises InvalidData."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ...domain.errors import InvalidData

LARGEST_POWER = 30
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?Z?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FieldReader:
    """One object of a document. Every reading method raises InvalidData with the source and the field name.

    Attributes:
        number: position of the object in its list, counting from 1; None for the document itself.
    """

    source: str
    number: int | None
    values: Mapping[str, object]

    @classmethod
    def of(cls, source: str, value: object, number: int | None = None) -> "FieldReader":
        """Return a reader for `value`, which must be an object."""
        if not isinstance(value, dict):
            raise InvalidData(source, number, f"expected an object, got {_short(value)}")
        return cls(source, number, value)

    def bad(self, reason: str) -> InvalidData:
        """Return an InvalidData error for this object."""
        return InvalidData(self.source, self.number, reason)

    def has(self, name: str) -> bool:
        """Return whether the field has a value; the strings "None" and "null", used by some vendors, count as empty."""
        return self.values.get(name) not in (None, "", "None", "null")

    def text(self, name: str) -> str:
        """Return the text of a required field."""
        words = self.words(name)
        if not words:
            raise self.bad(f"{name} is missing")
        return words

    def words(self, name: str) -> str:
        """Return the text of an optional field, stripped; empty if it has no value."""
        value = self.values.get(name) if self.has(name) else ""
        if not isinstance(value, str):
            raise self.bad(f"{name} is {_short(value)}, which is not text")
        return value.encode(errors="replace").decode().strip()

    def number_in(self, name: str) -> Decimal:
        """Return the finite number in a field, given as a number or as text; its magnitude is at most 10^30."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise self.bad(
                f"{name} is {_short(value)}, which is not a number" if name in self.values else f"{name} is missing"
            )
        try:
            number = Decimal(value)
        except ArithmeticError as error:
            raise self.bad(f"{name} is {_short(value)}, which is not a number") from error
        if not number.is_finite() or abs(number.adjusted()) > LARGEST_POWER:
            raise self.bad(f"{name} is {_short(value)}, which is out of range")
        return number

    def day(self, name: str) -> date:
        """Return the date at the beginning of a field."""
        text = self.text(name)
        try:
            return date.fromisoformat(text[: len("2025-01-02")])
        except ValueError as error:
            raise self.bad(f"{name} is {_short(text)}, which is not a date") from error

    def moment(self, name: str) -> datetime:
        """Return the timestamp in a field, in UTC.

        Formats are ISO 8601 and the compact 20250102T143000; a timestamp without an offset is in UTC.
        """
        text = self.text(name)
        compact = COMPACT.fullmatch(text)
        try:
            timestamp = (
                datetime(*(int(part or 0) for part in compact.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
                if compact
                else datetime.fromisoformat(text)
            )
            timestamp = timestamp.replace(tzinfo=UTC) if timestamp.tzinfo is None else timestamp.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.bad(f"{name} is {_short(text)}, which is not a timestamp") from error
        return self._sensible(name, timestamp)

    def unix(self, name: str, *, per_second: int = 1) -> datetime:
        """Return the UTC timestamp in a field that counts units of 1 / `per_second` seconds since 1970."""
        seconds = self.number_in(name) / per_second
        try:
            return self._sensible(name, datetime.fromtimestamp(float(seconds), UTC))
        except (ValueError, OverflowError, OSError) as error:
            raise self.bad(f"{name} is {_short(seconds)}, which is not a timestamp") from error

    def object(self, name: str) -> "FieldReader":
        """Return the object in a field."""
        return FieldReader.of(self.source, self.values.get(name), self.number)

    def objects(self, name: str) -> Sequence["FieldReader"]:
        """Return the objects of the list in a field."""
        return objects(self.source, self.values.get(name))

    def _sensible(self, name: str, timestamp: datetime) -> datetime:
        if not EARLIEST <= timestamp < LATEST:
            raise self.bad(f"{name} is {timestamp:%Y-%m-%d}, which is out of range")
        return timestamp


def objects(source: str, value: object) -> Sequence[FieldReader]:
    """Return readers for the objects in `value`, which must be a list."""
    if not isinstance(value, list):
        raise InvalidData(source, None, f"expected a list, got {_short(value)}")
    return [FieldReader.of(source, item, number) for number, item in enumerate(value, 1)]


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(str(value))
    return text if len(text) <= 40 else f"{text[:36]}...'"
