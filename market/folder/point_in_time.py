"""The rows of one ticker or series, placed in time, converted and checked only as far as they are visible.

A row is known from its own moment, or from `seen_at` where that is later: a collector did not have it before. Two rows
that share what may occur only once are versions of one row where they differ in `seen_at` or `released_at`: the later
one stands in place of the earlier from its own moment on. Where they do not, the second is a defect.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from ...domain.errors import InvalidData
from .row import TableRow
from .table import FolderTable

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


@dataclass(frozen=True, slots=True)
class RowTiming:
    """Where a row stands in time: since when it is known, in what order, and what may occur only once."""

    known_at: datetime
    order: date
    unique: Hashable


class FactReader(Protocol[F_co]):
    """Turns the rows of one kind of file into facts. Both methods raise InvalidData.

    `series` says that the facts are a series in time, in which one that was seen late still stands at its own place;
    other facts come in the order in which they became known.
    """

    series: ClassVar[bool]

    def timing(self, row: TableRow) -> RowTiming | None:
        """Place `row` by its own cells, or return None where it never became known.

        Raises only when there is no telling when the row became known.
        """
        ...

    def fact(self, row: TableRow, known_at: datetime) -> F_co:
        """Convert `row`, checking everything."""
        ...


class TimedRow(NamedTuple):
    """A row in time: `natural` is when it could be known, `known_at` when it was known."""

    known_at: datetime
    natural: datetime
    order: date
    unique: Hashable
    position: int


class Answers(Protocol[F_co]):
    """Answers point-in-time questions about one ticker or series; raises InvalidData once a defect is visible."""

    def last(self, count: int, *, until: datetime) -> tuple[F_co, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        ...

    def between(self, since: datetime | None, until: datetime) -> tuple[F_co, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        ...


class PointInTimeSeries(Generic[F]):
    """Answers point-in-time questions about one ticker or series.

    A defect raises InvalidData once its row is visible, whether or not the row was asked for; a row whose own moment
    cannot be read might be visible at any time, so it raises always.

    Attributes:
        hidden: how many rows never became known.
    """

    def __init__(self, table: FolderTable, positions: Sequence[int], reader: FactReader[F]) -> None:
        self._table, self._reader = table, reader
        self._placed: list[TimedRow] = []
        self._lost: list[InvalidData] = []
        self.hidden = 0
        for position in positions:
            row = table.read(position)
            try:
                place = reader.timing(row)
            except InvalidData as error:
                self._lost.append(row.invalid(row.error) if row.error else error)
                continue
            if place is None:
                self.hidden += 1
            else:
                known_at = max(place.known_at, _seen(row) or place.known_at)
                self._placed.append(TimedRow(known_at, place.known_at, place.order, place.unique, position))
        self._placed.sort(key=lambda entry: (entry.known_at, entry.order, entry.position))
        self._moments = [entry.known_at for entry in self._placed]
        self._plain = len({entry.unique for entry in self._placed}) == len(self._placed) and all(
            entry.known_at == entry.natural for entry in self._placed
        )
        self._standing: tuple[int, Sequence[int]] = (0, ())
        self._facts: list[F | None] = [None] * len(self._placed)
        self._first_of: dict[Hashable, int] = {}
        self._checked = 0

    @property
    def orders(self) -> Sequence[date]:
        """The session, ex-date, period or moment of every row that is ever shown."""
        return [entry.order for entry in self._placed]

    def last(self, count: int, *, until: datetime) -> tuple[F, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        standing = self._stand(self._visible(until))
        return self._told(standing[max(0, len(standing) - max(0, count)) :])

    def between(self, since: datetime | None, until: datetime) -> tuple[F, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        standing = self._stand(self._visible(until))
        if since is None:
            return self._told(standing)
        return self._told([index for index in standing if self._moments[index] > since])

    def defects(self) -> Iterator[InvalidData]:
        """Yield every defect, whenever it became known."""
        yield from self._lost
        yield from self._flaws(0, len(self._placed))

    def plain_entries(self) -> Sequence["TimedRow"] | None:
        """Return the rows in the order in which they became known; None where more than the order has to be known.

        That is where a row has several versions, was seen late, or has no moment that can be read.
        """
        return self._placed if self._plain and not self._lost else None

    def clean(self) -> int:
        """Return how many rows, from the first, are free of defects."""
        for index in range(self._checked, len(self._placed)):
            try:
                self._convert(index)
            except InvalidData:
                return index
        return len(self._placed)

    def _visible(self, until: datetime) -> int:
        for lost in self._lost:
            raise InvalidData(lost.file, lost.row, lost.reason)  # anew, as an error keeps the traceback of each raise
        end = bisect_right(self._moments, until)
        for error in self._flaws(self._checked, end):
            raise error
        self._checked = max(self._checked, end)
        return end

    def _flaws(self, start: int, stop: int) -> Iterator[InvalidData]:
        for index in range(start, stop):
            try:
                self._convert(index)
            except InvalidData as error:
                yield error

    def _stand(self, end: int) -> Sequence[int]:
        """Return which of the first `end` entries stand, oldest first: of several versions, the last."""
        if self._plain:
            return range(end)
        if self._standing[0] != end:
            last = {self._placed[index].unique: index for index in range(end)}
            # A version stands where the first one stood: a restated bar does not leave its session.
            first = {self._placed[index].unique: index for index in reversed(range(end))}
            place = {unique: self._place_of(index) for unique, index in first.items()}
            self._standing = end, sorted(last.values(), key=lambda index: place[self._placed[index].unique])
        return self._standing[1]

    def _place_of(self, index: int) -> tuple[datetime, date, int]:
        entry = self._placed[index]
        return (entry.natural if self._reader.series else entry.known_at), entry.order, entry.position

    def _told(self, indices: Sequence[int]) -> tuple[F, ...]:
        return tuple(self._fact(index) for index in indices)

    def _fact(self, index: int) -> F:
        fact = self._facts[index]
        if fact is None:
            fact = self._facts[index] = self._convert(index)
        return fact

    def _convert(self, index: int) -> F:
        entry = self._placed[index]
        row = self._table.read(entry.position)
        if row.error:
            raise row.invalid(row.error)
        if row.has("seen_at"):
            row.known("seen_at")
        fact = self._reader.fact(row, entry.known_at)
        version = (entry.unique, row.cells.get("seen_at"), row.cells.get("released_at"))
        first = self._first_of.setdefault(version, entry.position)
        if first != entry.position:
            same = " and ".join(self._table.layout.unique)
            raise row.invalid(f"it repeats row {self._table.read(first).number}: the same {same}")
        return fact


def _seen(row: TableRow) -> datetime | None:
    try:
        return row.known("seen_at") if row.has("seen_at") else None
    except InvalidData:  # a defect, told once the row is visible
        return None
