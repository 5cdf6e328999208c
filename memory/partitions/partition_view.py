"""A partition with the events visible to one view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..record import Change
from ..timestamps import MAX_MICROS
from .near_duplicates import duplicate_roots
from .partition import Floats, Ints, Partition


class EventRow(NamedTuple):
    """An event row of the journal; `record` is the row of its record."""

    seq: int
    record: int
    space: int
    change: str
    effective_at: int
    cause: str
    gain: float


class FeedbackColumns(NamedTuple):
    """Feedback columns sorted by time: places of records, times in microseconds, and gains."""

    places: Ints
    at: Ints
    gains: Floats

    def until(self, at: int) -> "FeedbackColumns":
        """Return the entries up to and including `at`."""
        count = int(np.searchsorted(self.at, at, side="right"))
        return FeedbackColumns(self.places[:count], self.at[:count], self.gains[:count])


@dataclass(frozen=True, slots=True, eq=False)
class PartitionView:
    """A partition with its visible events, from which visibility and decay can be computed for any time.

    Attributes:
        known_until: when each record is superseded or forgotten, in microseconds.
        roots: the place of the record that each one is a copy of; its own place if it is no copy.
        first: mask of the records that are not copies.
        feedback: feedback from outcomes.
        copies: one entry for each copy of a record; all gains are one.
    """

    partition: Partition
    known_until: Ints
    roots: Ints
    first: NDArray[np.bool_]
    feedback: FeedbackColumns
    copies: FeedbackColumns

    def count_until(self, at: int) -> int:
        """Return the number of records available at `at`; they are the first ones of the partition."""
        return int(np.searchsorted(self.partition.available, at, side="right"))

    def visible(self, count: int, at: int) -> NDArray[np.bool_]:
        """Return a mask of the first `count` records, all available, that are learned and not superseded at `at`."""
        return (self.partition.learned[:count] <= at) & (self.known_until[:count] > at)

    def copied(self, place: int, at: int) -> int:
        """Return the number of copies of the record at `place` by `at`."""
        copies = self.copies.until(at)
        return int((copies.places == place).sum())


def apply_events(partition: Partition, events: Sequence[EventRow]) -> PartitionView:
    """Return a view of `partition` with `events` applied.

    Of several events with the same record, namespace, change and cause, the earliest counts, whenever each was written.
    """
    events = earliest_events(events)
    root = duplicate_roots(partition)
    first = root == np.arange(len(partition))
    copy = np.flatnonzero(~first)
    ends = [event for event in events if event.change != Change.FEEDBACK]
    known_until = np.full(len(partition), MAX_MICROS, np.int64)
    if ends:
        places = partition.index_of(np.array([event.record for event in ends], np.int64))
        np.minimum.at(known_until, places, np.array([event.effective_at for event in ends], np.int64))
    return PartitionView(
        partition=partition,
        known_until=known_until,
        roots=root,
        first=first,
        feedback=_feedback(partition, [event for event in events if event.change == Change.FEEDBACK]),
        copies=_in_time(root[copy], partition.born[copy], np.ones(len(copy))),
    )


def earliest_events(events: Sequence[EventRow]) -> list[EventRow]:
    """Return the earliest event of each record, namespace, change and cause, in the order of `events`."""
    earliest: dict[tuple[int, int, str, str], EventRow] = {}
    for event in sorted(events, key=lambda event: (event.effective_at, event.gain), reverse=True):
        earliest[event.record, event.space, event.change, event.cause] = event
    kept = {event.seq for event in earliest.values()}
    return [event for event in events if event.seq in kept]


def _feedback(partition: Partition, events: list[EventRow]) -> FeedbackColumns:
    events = sorted(events, key=lambda event: (event.effective_at, event.cause, event.space, event.gain))
    rows = np.array([event.record for event in events], np.int64)
    moments = np.array([event.effective_at for event in events], np.int64)
    gains = np.array([event.gain for event in events], np.float64)
    return FeedbackColumns(partition.index_of(rows) if events else rows, moments, gains)


def _in_time(places: Ints, at: Ints, gains: Floats) -> FeedbackColumns:
    order = np.lexsort((places, at))
    return FeedbackColumns(places[order], at[order], gains[order])
