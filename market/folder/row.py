"""One row of a file, and the moments, numbers and words in its cells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ...domain.errors import InvalidData

ONE_DAY = timedelta(days=1)
DATE_LENGTH = len("2025-01-02")
LARGEST_POWER = 30  # of ten: no price, volume or metric comes near, and beyond it floats and contexts overflow


def add_or_max(timestamp: datetime, wait: timedelta) -> datetime:
    """Return `moment` + `wait`, or the end of time where that lies beyond it."""
    try:
        return timestamp + wait
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def day_end(day: date, *, days: int = 1) -> datetime:
    """Return the end (midnight UTC) of `day`, or of the last of `days` days that begin with it."""
    return add_or_max(midnight(day), timedelta(days=days))


def midnight(day: date) -> datetime:
    """Return the beginning of `day` in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def is_unicode(text: str) -> bool:
    """Say whether `text` came from well-formed bytes: a byte that was not UTF-8 is a lone surrogate here."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one row by column name. Every reading method raises InvalidData where the cell does not fit.

    Attributes:
        number: the line in the file, counting the header (or, in JSON lines, the first line) as line 1.
        flaw: what is wrong with the row as a whole; its cells may still tell when it became known.
    """

    file: str
    number: int
    cells: Mapping[str, object]
    error: str | None = None

    def invalid(self, reason: str) -> InvalidData:
        """Return the error that names this row."""
        return InvalidData(self.file, self.number, reason)

    def has(self, column: str) -> bool:
        """Say whether the cell holds anything."""
        cell = self.cells.get(column)
        return cell is not None and cell != ""

    def text(self, column: str) -> str:
        """Return the words in a cell that must hold some."""
        text = self.normalized_text(column)
        if not text:
            raise self.invalid(f"{column} is missing")
        return text

    def normalized_text(self, column: str) -> str:
        """Return the words in a cell, stripped; an empty cell has none."""
        cell = self.cells.get(column)
        if cell is None:
            return ""
        if not isinstance(cell, str):
            raise self.invalid(f"{column} is {_short(cell)}, which is no text")
        if not is_unicode(cell):
            raise self.invalid(f"{column} holds a character that is no valid Unicode")
        return cell.strip()

    def number_in(self, column: str) -> Decimal:
        """Return the finite number in a cell, exactly as it is written."""
        text = self.text(column)
        try:
            value = Decimal(text)
        except ArithmeticError as error:
            raise self.invalid(f"{column} is {_short(text)}, which is no number") from error
        if "_" in text:
            raise self.invalid(f"{column} is {_short(text)}, which is no number")
        return self.sane(column, value)

    def sane(self, column: str, value: Decimal) -> Decimal:
        """Return `value` unless it is infinite, or so large or small that it can mean nothing."""
        if not value.is_finite():
            raise self.invalid(f"{column} is {value}, which is no finite number")
        if abs(value.adjusted()) > LARGEST_POWER:
            raise self.invalid(f"{column} is {value.normalize():E}, which is out of any sensible range")
        return value

    def positive(self, column: str) -> Decimal:
        """Return the number in a cell, which must be above zero."""
        value = self.number_in(column)
        if value <= 0:
            raise self.invalid(f"{column} is {value}; it must be positive")
        return value

    def day(self, column: str) -> date:
        """Return the date in a cell. A midnight, with or without an offset, stands for the day as written."""
        text = self.text(column)
        try:
            if len(text) == DATE_LENGTH:
                return date.fromisoformat(text)
            timestamp = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.invalid(f"{column} is {_short(text)}, which is no date like 2025-01-02") from error
        if timestamp.time() != datetime.min.time():
            raise self.invalid(f"{column} is {_short(text)}, which has a time of day; a date is wanted")
        return timestamp.date()

    def moment(self, column: str) -> datetime:
        """Return the moment in a cell in UTC: an offset is honoured, and without one it is UTC already."""
        text = self.text(column)
        try:
            timestamp = datetime.fromisoformat(text)
            return timestamp.replace(tzinfo=UTC) if timestamp.tzinfo is None else timestamp.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.invalid(f"{column} is {_short(text)}, which is no time like 2025-01-02T14:30:00Z") from error

    def known(self, column: str) -> datetime:
        """Return the moment from which the time in a cell has passed for certain: the end of a day without a time."""
        timestamp = self.moment(column)
        return day_end(timestamp.date()) if len(self.text(column)) == DATE_LENGTH else timestamp


def _short(cell: object) -> str:
    text = repr(str(cell))
    return text if len(text) <= 40 else f"{text[:36]}...'"
