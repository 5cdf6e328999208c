"""All records of one namespace about one ticker as columns, ready for arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .record import Aspect, MemoryId, Source

SOURCES = tuple(Source)
ASPECTS = tuple(Aspect)
SCALE = 32_767
"""Vectors are kept as whole multiples of 1/SCALE: an inner product of whole numbers is the same on every machine."""

_SPARE = 1.5
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Partition:
    """Columns of equal length, sorted by `available`, then by id.

    Attributes:
        seqs: the row of each record in the journal.
        available, learned: the two stamps that visibility begins with, microseconds.
        sources, aspects: places in SOURCES and ASPECTS.
        likeness: cosine to the nearest earlier record of the same source; -1 where there is none.
        nearest: the `seq` of that record; 0 where there is none.
        vectors: one row each, float32.
    """

    seqs: Ints
    ids: NDArray[np.bytes_]
    available: Ints
    learned: Ints
    sources: NDArray[np.int8]
    aspects: NDArray[np.int8]
    surprise: Floats
    likeness: Floats
    nearest: Ints
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.seqs)

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], vectors: NDArray[np.float32]) -> Self:
        """Return the partition of rows `seq, id, source, aspect, available, learned, surprise, likeness, nearest`."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * 9
        seqs, ids, sources, aspects, available, learned, surprise, likeness, nearest = columns
        return cls(
            seqs=np.array(seqs, np.int64),
            ids=np.array(ids, "S16"),
            available=np.array(available, np.int64),
            learned=np.array(learned, np.int64),
            sources=np.array([_PLACE[source] for source in sources], np.int8),
            aspects=np.array([_ASPECT[aspect] for aspect in aspects], np.int8),
            surprise=np.array(surprise, np.float64),
            likeness=np.array(likeness, np.float64),
            nearest=np.array(nearest, np.int64),
            vectors=vectors,
        ).sorted()

    def sorted(self) -> Self:
        """Return the same records in order."""
        order = np.lexsort((self.ids, self.available))
        return self if np.array_equal(order, np.arange(len(self))) else self.at(order)

    def at(self, places: Any) -> Self:
        """Return the records at these places, or for which this mask is true, in that order."""
        return replace(self, **{field.name: getattr(self, field.name)[places] for field in fields(self)})

    def joined(self, new: Self) -> Self:
        """Return both together. Where the new ones come last, as they do day by day, no vector is moved."""
        if not len(self) or not len(new):
            return new if not len(self) else self
        names = [field.name for field in fields(self) if field.name != "vectors"]
        columns = {name: np.concatenate([getattr(self, name), getattr(new, name)]) for name in names}
        last, first = (self.available[-1], self.ids[-1]), (new.available[0], new.ids[0])
        whole = replace(self, **columns, vectors=_appended(self.vectors, new.vectors))
        return whole if last < first else whole.sorted()

    @property
    def born(self) -> Ints:
        """Return from when on each record can be seen at all."""
        return np.maximum(self.available, self.learned)

    @property
    def last_seq(self) -> int:
        return int(self.seqs.max()) if len(self) else 0

    def place(self, seqs: Ints) -> Ints:
        """Return where the records with these rows stand; all of them must be here."""
        order = np.argsort(self.seqs, kind="stable")
        return order[np.searchsorted(self.seqs, seqs, sorter=order)]

    def id_at(self, place: int) -> MemoryId:
        return MemoryId(self.ids[place].decode())


_PLACE = {source.value: place for place, source in enumerate(SOURCES)}
_ASPECT = {aspect.value: place for place, aspect in enumerate(ASPECTS)}


def packed(vectors: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return vectors as they are stored: whole multiples of 1/SCALE."""
    return np.rint(np.clip(vectors, -1, 1) * SCALE).astype(np.int16)


def unpacked(stored: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return stored vectors for arithmetic."""
    return stored.astype(np.float32) / np.float32(SCALE)


def whole(vectors: NDArray[np.float32]) -> Floats:
    """Return vectors as the whole numbers they were stored as; products and sums of these are exact in float64."""
    return np.rint(vectors.astype(np.float64) * SCALE)


def _appended(old: NDArray[np.float32], new: NDArray[np.float32]) -> NDArray[np.float32]:
    """Append rows into the spare room behind the old ones, which are there still; make room where there is none."""
    count, total = len(old), len(old) + len(new)
    room = old.base
    if room is None or room.ndim != 2 or len(room) < total or room.ctypes.data != old.ctypes.data:
        room = np.empty((int(total * _SPARE) + 16, old.shape[1]), np.float32)
        room[:count] = old
    room[count:total] = new
    rows: NDArray[np.float32] = room[:total]
    return rows
