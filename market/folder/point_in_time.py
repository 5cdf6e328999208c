"""Point-in-time access to the rows of one ticker or series. Rows are converted and checked once they are visible.

A row is known from its own timestamp, or from `seen_at` if that is later. Two rows with the same unique key are
versions of one row if they differ in `seen_at` or `released_at`: the later version replaces the earlier one from its
`known_at` on. Otherwise the second row is a defect.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from ...domain.errors import InvalidData
from ...domain.market import Bar
from .quarantine import is_jump
from .row import TableRow
from .table import FolderTable

F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


@dataclass(frozen=True, slots=True)
class RowTiming:
    """Timing of a row: since when it is known, its sort order (session, ex-date or period), and its unique key."""

    known_at: datetime
    order: date
    unique: Hashable


class FactReader(Protocol[F_co]):
    """Converts the rows of one kind of file to facts. Both methods raise InvalidData.

    `series` is whether the facts are a time series, in which a late row keeps its own position. Other facts are in the
    order in which they became known.
    """

    series: ClassVar[bool]

    def timing(self, row: TableRow) -> RowTiming | None:
        """Return the timing of `row` from its own cells, or None if it never became known.

        Raises InvalidData only if the time at which the row became known cannot be determined.
        """
        ...

    def fact(self, row: TableRow, known_at: datetime) -> F_co:
        """Return the fact of `row`; raises InvalidData for any invalid cell."""
        ...


class TimedRow(NamedTuple):
    """A row with its timing: `natural` is when it became public, `known_at` the later of that and `seen_at`."""

    known_at: datetime
    natural: datetime
    order: date
    unique: Hashable
    position: int


class Answers(Protocol[F_co]):
    """Point-in-time queries on one ticker or series; raises InvalidData once a defect is visible."""

    def last(self, count: int, *, until: datetime) -> tuple[F_co, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        ...

    def between(self, since: datetime | None, until: datetime) -> tuple[F_co, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        ...

    def has_jump(self, until: datetime) -> bool:
        """Return whether two bars known at `until` that follow each other lie far apart; see `quarantine`."""
        ...


class PointInTimeSeries(Generic[F]):
    """Point-in-time queries on one ticker or series.

    A defect raises InvalidData once its row is visible, whether or not the row is requested. A row whose timestamp
    cannot be parsed could be visible at any time, so it always raises.

    Attributes:
        hidden: number of rows that never became known.
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
        self._calm = 1
        self._jumps: tuple[int, bool] = (0, False)

    @property
    def orders(self) -> Sequence[date]:
        """The session, ex-date, period or timestamp of every row that becomes known."""
        return [entry.order for entry in self._placed]

    def last(self, count: int, *, until: datetime) -> tuple[F, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        standing = self._stand(self._visible(until))
        return self._facts_at(standing[max(0, len(standing) - max(0, count)) :])

    def between(self, since: datetime | None, until: datetime) -> tuple[F, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        standing = self._stand(self._visible(until))
        if since is None:
            return self._facts_at(standing)
        return self._facts_at([index for index in standing if self._moments[index] > since])

    def has_jump(self, until: datetime) -> bool:
        """Return whether two consecutive bars known at `until` differ by a jump; see `quarantine`."""
        end = self._visible(until)
        if self._plain:
            return self.calm(end) < end
        if self._jumps[0] != end:
            facts = self._facts_at(self._stand(end))
            self._jumps = end, any(is_jump(before, after) for before, after in pairwise(facts))
        return self._jumps[1]

    def calm(self, end: int) -> int:
        """Return the number of leading rows, up to `end`, before the first jump; for rows in plain order."""
        if end and not isinstance(self._fact(0), Bar):
            return end
        while self._calm < end and not is_jump(self._fact(self._calm - 1), self._fact(self._calm)):
            self._calm += 1
        return min(self._calm, end)

    def numbered_facts(self) -> Iterator[tuple[int, F]]:
        """Yield the final facts with the line numbers of their rows; rows with a defect are omitted."""
        last = {entry.unique: index for index, entry in enumerate(self._placed)}
        for index in sorted(last.values(), key=lambda index: (self._placed[index].order, index)):
            try:
                fact = self._convert(index)
            except InvalidData:
                continue
            yield self._table.read(self._placed[index].position).number, fact

    def defects(self) -> Iterator[InvalidData]:
        """Yield every defect, whether or not its row is visible."""
        yield from self._lost
        yield from self._flaws(0, len(self._placed))

    def plain_entries(self) -> Sequence["TimedRow"] | None:
        """Return the rows in the order in which they became known; None if the order alone is not sufficient.

        That is the case if a row has several versions, was seen late, or has a timestamp that cannot be parsed.
        """
        return self._placed if self._plain and not self._lost else None

    def clean(self) -> int:
        """Return the number of leading rows that are free of defects."""
        for index in range(self._checked, len(self._placed)):
            try:
                self._convert(index)
            except InvalidData:
                return index
        return len(self._placed)

    def _visible(self, until: datetime) -> int:
        for lost in self._lost:
            raise InvalidData(lost.file, lost.row, lost.reason)  # a copy: an error keeps the traceback of each raise
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
        """Return the indices of the current versions among the first `end` entries, oldest first."""
        if self._plain:
            return range(end)
        if self._standing[0] != end:
            last = {self._placed[index].unique: index for index in range(end)}
            # A version keeps the position of the first one, so that a restated bar keeps that of its session.
            first = {self._placed[index].unique: index for index in reversed(range(end))}
            place = {unique: self._place_of(index) for unique, index in first.items()}
            self._standing = end, sorted(last.values(), key=lambda index: place[self._placed[index].unique])
        return self._standing[1]

    def _place_of(self, index: int) -> tuple[datetime, date, int]:
        entry = self._placed[index]
        return (entry.natural if self._reader.series else entry.known_at), entry.order, entry.position

    def _facts_at(self, indices: Sequence[int]) -> tuple[F, ...]:
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
    except InvalidData:  # a defect, raised once the row is visible
        return None
