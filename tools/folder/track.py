"""The rows of one ticker or series, placed in time, converted and checked only as far as they are visible."""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from ...domain.errors import BadData
from .row import Row
from .table import Table

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in time: since when it is known, in what order, and what may occur only once."""

    known_at: datetime
    order: date
    unique: Hashable


class Reader(Protocol[F_co]):
    """Turns the rows of one kind of file into facts. Both methods raise BadData."""

    def place(self, row: Row) -> Place | None:
        """Place `row` by its own cells, or return None where it never became known.

        Raises only when there is no telling when the row became known.
        """
        ...

    def fact(self, row: Row, known_at: datetime) -> F_co:
        """Convert `row`, checking everything."""
        ...


class Track(Generic[F]):
    """Answers point-in-time questions about one ticker or series.

    A defect raises BadData once its row is visible, whether or not the row was asked for; a row whose own moment
    cannot be read might be visible at any time, so it raises always.

    Attributes:
        hidden: how many rows never became known.
    """

    def __init__(self, table: Table, positions: Sequence[int], reader: Reader[F]) -> None:
        self._table, self._reader = table, reader
        self._placed: list[tuple[Place, int]] = []
        self._lost: list[BadData] = []
        self.hidden = 0
        for position in positions:
            row = table.read(position)
            try:
                place = reader.place(row)
            except BadData as error:
                self._lost.append(row.bad(row.flaw) if row.flaw else error)
                continue
            if place is None:
                self.hidden += 1
            else:
                self._placed.append((place, position))
        self._placed.sort(key=lambda placed: (placed[0].known_at, placed[0].order, placed[1]))
        self._moments = [place.known_at for place, _ in self._placed]
        self._facts: list[F | None] = [None] * len(self._placed)
        self._first_of: dict[Hashable, int] = {}
        self._checked = 0

    @property
    def orders(self) -> Sequence[date]:
        """The session, ex-date, period or moment of every row that is ever shown."""
        return [place.order for place, _ in self._placed]

    def last(self, count: int, *, until: datetime) -> tuple[F, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        end = self._visible(until)
        return self._slice(max(0, end - max(0, count)), end)

    def between(self, since: datetime | None, until: datetime) -> tuple[F, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        end = self._visible(until)
        return self._slice(0 if since is None else min(end, bisect_right(self._moments, since)), end)

    def defects(self) -> Iterator[BadData]:
        """Yield every defect, whenever it became known."""
        yield from self._lost
        yield from self._flaws(0, len(self._placed))

    def _visible(self, until: datetime) -> int:
        for lost in self._lost:
            raise BadData(lost.file, lost.row, lost.reason)  # anew, as an error keeps the traceback of each raise
        end = bisect_right(self._moments, until)
        for error in self._flaws(self._checked, end):
            raise error
        self._checked = max(self._checked, end)
        return end

    def _flaws(self, start: int, stop: int) -> Iterator[BadData]:
        for index in range(start, stop):
            try:
                self._convert(index)
            except BadData as error:
                yield error

    def _slice(self, start: int, stop: int) -> tuple[F, ...]:
        return tuple(self._fact(index) for index in range(start, stop))

    def _fact(self, index: int) -> F:
        fact = self._facts[index]
        if fact is None:
            fact = self._facts[index] = self._convert(index)
        return fact

    def _convert(self, index: int) -> F:
        place, position = self._placed[index]
        row = self._table.read(position)
        if row.flaw:
            raise row.bad(row.flaw)
        fact = self._reader.fact(row, place.known_at)
        first = self._first_of.setdefault(place.unique, position)
        if first != position:
            same = " and ".join(self._table.layout.unique)
            raise row.bad(f"it repeats row {self._table.read(first).number}: the same {same}")
        return fact
