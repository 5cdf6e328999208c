"""The fields of a vendor's document, read as what they are documented to be; everything else is InvalidData."""

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
    """One object of a document. Every reading method raises InvalidData, naming the source and the field.

    Attributes:
        number: which one of the list it stands in, counting from 1; None for the document itself.
    """

    source: str
    number: int | None
    values: Mapping[str, object]

    @classmethod
    def of(cls, source: str, value: object, number: int | None = None) -> "FieldReader":
        """Return the fields of `value`, which must be an object."""
        if not isinstance(value, dict):
            raise InvalidData(source, number, f"{_short(value)} stands where an object is documented")
        return cls(source, number, value)

    def bad(self, reason: str) -> InvalidData:
        """Return the error that names this object."""
        return InvalidData(self.source, self.number, reason)

    def has(self, name: str) -> bool:
        """Say whether the field holds anything; the words None and null, which some vendors write, are nothing."""
        return self.values.get(name) not in (None, "", "None", "null")

    def text(self, name: str) -> str:
        """Return the words of a field that must hold some."""
        words = self.words(name)
        if not words:
            raise self.bad(f"{name} is missing")
        return words

    def words(self, name: str) -> str:
        """Return the words of a field that may be empty or absent."""
        value = self.values.get(name) if self.has(name) else ""
        if not isinstance(value, str):
            raise self.bad(f"{name} is {_short(value)}, which is no text")
        return value.encode(errors="replace").decode().strip()

    def number_in(self, name: str) -> Decimal:
        """Return a finite number of a sensible size, written as a number or as text."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise self.bad(
                f"{name} is {_short(value)}, which is no number" if name in self.values else f"{name} is missing"
            )
        try:
            number = Decimal(value)
        except ArithmeticError as error:
            raise self.bad(f"{name} is {_short(value)}, which is no number") from error
        if not number.is_finite() or abs(number.adjusted()) > LARGEST_POWER:
            raise self.bad(f"{name} is {_short(value)}, which is out of any sensible range")
        return number

    def day(self, name: str) -> date:
        """Return the date that a field begins with."""
        text = self.text(name)
        try:
            return date.fromisoformat(text[: len("2025-01-02")])
        except ValueError as error:
            raise self.bad(f"{name} is {_short(text)}, which is no date") from error

    def moment(self, name: str) -> datetime:
        """Return the moment in a field, in UTC: ISO 8601 or the compact 20250102T143000; UTC where it has no zone."""
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
            raise self.bad(f"{name} is {_short(text)}, which is no time") from error
        return self._sensible(name, timestamp)

    def unix(self, name: str, *, per_second: int = 1) -> datetime:
        """Return the moment in a field that counts seconds (or `per_second` parts of one) since 1970."""
        seconds = self.number_in(name) / per_second
        try:
            return self._sensible(name, datetime.fromtimestamp(float(seconds), UTC))
        except (ValueError, OverflowError, OSError) as error:
            raise self.bad(f"{name} is {_short(seconds)}, which is no time") from error

    def object(self, name: str) -> "FieldReader":
        """Return the object in a field."""
        return FieldReader.of(self.source, self.values.get(name), self.number)

    def objects(self, name: str) -> Sequence["FieldReader"]:
        """Return the objects of the list in a field."""
        return objects(self.source, self.values.get(name))

    def _sensible(self, name: str, timestamp: datetime) -> datetime:
        if not EARLIEST <= timestamp < LATEST:
            raise self.bad(f"{name} is {timestamp:%Y-%m-%d}, which is out of any sensible range")
        return timestamp


def objects(source: str, value: object) -> Sequence[FieldReader]:
    """Return the objects that `value`, which must be a list, holds."""
    if not isinstance(value, list):
        raise InvalidData(source, None, f"{_short(value)} stands where a list is documented")
    return [FieldReader.of(source, item, number) for number, item in enumerate(value, 1)]


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(str(value))
    return text if len(text) <= 40 else f"{text[:36]}...'"
