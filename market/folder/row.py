"""A row of a file, with typed access to its cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ...domain.errors import InvalidData

ONE_DAY = timedelta(days=1)
DATE_LENGTH = len("2025-01-02")
LARGEST_POWER = 30  # maximum power of ten, far above any price, volume or metric; beyond it, arithmetic may overflow


def add_or_max(timestamp: datetime, wait: timedelta) -> datetime:
    """Return `timestamp` + `wait`, or the maximum datetime (UTC) on overflow."""
    try:
        return timestamp + wait
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def day_end(day: date, *, days: int = 1) -> datetime:
    """Return the end (midnight UTC) of the period of `days` days that begins with `day`."""
    return add_or_max(midnight(day), timedelta(days=days))


def midnight(day: date) -> datetime:
    """Return the beginning of `day` in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def is_unicode(text: str) -> bool:
    """Return whether `text` is valid Unicode; bytes that were not UTF-8 were decoded to lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one row by column name. Every reading method raises InvalidData for an invalid cell.

    Attributes:
        number: line number in the file; the header (or, in JSON lines, the first line) is line 1.
        error: a defect of the row as a whole, or None; the cells may still determine when the row became known.
    """

    file: str
    number: int
    cells: Mapping[str, object]
    error: str | None = None

    def invalid(self, reason: str) -> InvalidData:
        """Return an InvalidData error for this row."""
        return InvalidData(self.file, self.number, reason)

    def has(self, column: str) -> bool:
        """Return whether the cell has a value."""
        cell = self.cells.get(column)
        return cell is not None and cell != ""

    def text(self, column: str) -> str:
        """Return the text of a required cell, stripped."""
        text = self.normalized_text(column)
        if not text:
            raise self.invalid(f"{column} is missing")
        return text

    def normalized_text(self, column: str) -> str:
        """Return the text of an optional cell, stripped; "" for an empty cell."""
        cell = self.cells.get(column)
        if cell is None:
            return ""
        if not isinstance(cell, str):
            raise self.invalid(f"{column} is {_short(cell)}, which is not text")
        if not is_unicode(cell):
            raise self.invalid(f"{column} contains a character that is not valid Unicode")
        return cell.strip()

    def number_in(self, column: str) -> Decimal:
        """Return the finite number in a required cell, exactly as written."""
        text = self.text(column)
        try:
            value = Decimal(text)
        except ArithmeticError as error:
            raise self.invalid(f"{column} is {_short(text)}, which is not a number") from error
        if "_" in text:
            raise self.invalid(f"{column} is {_short(text)}, which is not a number")
        return self.sane(column, value)

    def sane(self, column: str, value: Decimal) -> Decimal:
        """Return `value` if it is finite and between 10^-30 and 10^31 in magnitude; otherwise raise InvalidData."""
        if not value.is_finite():
            raise self.invalid(f"{column} is {value}, which is not a finite number")
        if abs(value.adjusted()) > LARGEST_POWER:
            raise self.invalid(f"{column} is {value.normalize():E}, which is out of range")
        return value

    def positive(self, column: str) -> Decimal:
        """Return the number in a required cell, which must be positive."""
        value = self.number_in(column)
        if value <= 0:
            raise self.invalid(f"{column} is {value}; it must be positive")
        return value

    def day(self, column: str) -> date:
        """Return the date in a required cell; a timestamp at midnight, with or without offset, is read as its date."""
        text = self.text(column)
        try:
            if len(text) == DATE_LENGTH:
                return date.fromisoformat(text)
            timestamp = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.invalid(f"{column} is {_short(text)}, which is not a date like 2025-01-02") from error
        if timestamp.time() != datetime.min.time():
            raise self.invalid(f"{column} is {_short(text)}, which has a time of day; a date is required")
        return timestamp.date()

    def moment(self, column: str) -> datetime:
        """Return the timestamp in a required cell, converted to UTC; without an offset it is UTC."""
        text = self.text(column)
        try:
            timestamp = datetime.fromisoformat(text)
            return timestamp.replace(tzinfo=UTC) if timestamp.tzinfo is None else timestamp.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.invalid(
                f"{column} is {_short(text)}, which is not a timestamp like 2025-01-02T14:30:00Z"
            ) from error

    def known(self, column: str) -> datetime:
        """Return the timestamp in a required cell; for a date without a time, the end of that day in UTC."""
        timestamp = self.moment(column)
        return day_end(timestamp.date()) if len(self.text(column)) == DATE_LENGTH else timestamp


def _short(cell: object) -> str:
    text = repr(str(cell))
    return text if len(text) <= 40 else f"{text[:36]}...'"
