"""Point-in-time series that reuse the validation of an earlier process and read only the requested rows.

An earlier process stores when each row became known and how many rows, oldest first, are free of defects. A query
within those rows reads the requested rows only. Any other query reads and checks all rows, as a `PointInTimeSeries`
does.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from .point_in_time import FactReader, PointInTimeSeries
from .table import FolderTable

F = TypeVar("F")
A = TypeVar("A")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Placement:
    """The rows of one key in the order in which they became known.

    Attributes:
        positions: positions of the rows in their file.
        moments: `known_at` of each row, in microseconds since 1970 UTC, non-decreasing.
        clean: number of leading rows that are free of defects.
        calm: number of leading clean rows before the first price jump.
    """

    positions: Sequence[int]
    moments: Sequence[int]
    clean: int
    calm: int

    def to_bytes(self) -> bytes:
        """Return the serialized placement, in the byte order of this machine."""
        return array("q", [self.clean, self.calm, *self.positions, *self.moments]).tobytes()

    @classmethod
    def from_bytes(cls, block: bytes) -> "Placement":
        """Return the placement serialized by `to_bytes`."""
        numbers = array("q")
        numbers.frombytes(block)
        middle = 1 + len(numbers) // 2
        return cls(numbers[2:middle], numbers[middle:], numbers[0], numbers[1])


def placement_of(track: PointInTimeSeries[F]) -> Placement | None:
    """Return the placement of a fully read series; None if it has versions, late rows or rows without a timestamp."""
    entries = track.plain_entries()
    if entries is None:
        return None
    clean = track.clean()
    return Placement(
        [entry.position for entry in entries],
        [_microseconds(entry.known_at) for entry in entries],
        clean,
        track.calm(clean),
    )


class Slot(Protocol):
    """Storage of the placement of one key."""

    def read(self) -> Placement | None:
        """Return the stored placement if it is valid for the current file; otherwise None."""
        ...

    def keep(self, placement: Placement) -> None:
        """Store a placement; a failure is ignored."""
        ...


class CheckedTrack(Generic[F]):
    """A series with the same results as a `PointInTimeSeries` of the same rows."""

    def __init__(
        self, table: FolderTable, key: str, reader: FactReader[F], slot: Slot, build: Callable[[], PointInTimeSeries[F]]
    ) -> None:
        self._table, self._key, self._reader, self._slot, self._build = table, key, reader, slot, build
        self._placement = slot.read()
        self._facts: dict[int, F] = {}
        self._track: PointInTimeSeries[F] | None = None

    def last(self, count: int, *, until: datetime) -> tuple[F, ...]:
        """Return the last `count` facts known at `until`, oldest first."""
        placed, end = self._placement, self._end(until)
        if placed is None or end is None:
            return self._answered(lambda track: track.last(count, until=until))
        return self._facts_at(placed, range(max(0, end - max(0, count)), end))

    def between(self, since: datetime | None, until: datetime) -> tuple[F, ...]:
        """Return the facts with `since < known_at <= until`, oldest first."""
        placed, end = self._placement, self._end(until)
        if placed is None or end is None:
            return self._answered(lambda track: track.between(since, until))
        start = 0 if since is None else bisect_right(placed.moments, _microseconds(since))
        return self._facts_at(placed, range(start, end))

    def has_jump(self, until: datetime) -> bool:
        """Return whether two bars known at `until` that follow each other lie far apart."""
        placed, end = self._placement, self._end(until)
        if placed is None or end is None:
            return self._answered(lambda track: track.has_jump(until))
        return placed.calm < end

    def _end(self, until: datetime) -> int | None:
        """Return the number of rows known at `until`; None if one of them may have a defect."""
        if self._placement is None:
            return None
        end = bisect_right(self._placement.moments, _microseconds(until))
        return end if end <= self._placement.clean else None

    def _answered(self, ask: Callable[[PointInTimeSeries[F]], A]) -> A:
        """Query the series of all rows; after its first query, its placement is stored."""
        if self._track is not None:
            return ask(self._track)
        self._track = self._build()
        answer = ask(self._track)
        if (placement := placement_of(self._track)) is not None:
            self._slot.keep(placement)
        return answer

    def _facts_at(self, placed: Placement, indices: range) -> tuple[F, ...]:
        return tuple(self._fact(placed, index) for index in indices)

    def _fact(self, placed: Placement, index: int) -> F:
        fact = self._facts.get(index)
        if fact is None:
            if not self._facts:
                self._table.index.get(self._key)  # loads the rows of the key
            row = self._table.read(placed.positions[index])
            known_at = EPOCH + placed.moments[index] * MICROSECOND
            fact = self._facts[index] = self._reader.fact(row, known_at)
        return fact


def _microseconds(timestamp: datetime) -> int:
    return (timestamp - EPOCH) // MICROSECOND
