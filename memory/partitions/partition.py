"""All records of one namespace about one ticker as NumPy columns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..record import Aspect, MemoryId, Source

SOURCES = tuple(Source)
ASPECTS = tuple(Aspect)
SCALE = 32_767
"""Vectors are stored as integer multiples of 1/SCALE: inner products of integers are equal on every machine."""

_SPARE = 1.5
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Stored = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Partition:
    """Columns of equal length, sorted by `available`, then by id.

    Attributes:
        seqs: the row of each record in the journal.
        available, learned: the timestamps from which a record is visible, in microseconds.
        sources, aspects: indices into SOURCES and ASPECTS.
        sizes: bytes of each text in UTF-8.
        similarity: cosine to the nearest earlier record of the same source; -1 if there is none.
        nearest: the `seq` of that record; 0 if there is none.
        vectors: one row per record, in multiples of 1/SCALE.
    """

    seqs: Ints
    ids: NDArray[np.bytes_]
    available: Ints
    learned: Ints
    sources: NDArray[np.int8]
    aspects: NDArray[np.int8]
    surprise: Floats
    sizes: Ints
    similarity: Floats
    nearest: Ints
    vectors: Stored

    def __len__(self) -> int:
        return len(self.seqs)

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], vectors: Stored) -> Self:
        """Return a partition from `rows` of all columns except `vectors`; source and aspect are given by name."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * 10
        seqs, ids, sources, aspects, available, learned, surprise, sizes, similarity, nearest = columns
        return cls(
            seqs=np.array(seqs, np.int64),
            ids=np.array(ids, "S16"),
            available=np.array(available, np.int64),
            learned=np.array(learned, np.int64),
            sources=np.array([_PLACE[source] for source in sources], np.int8),
            aspects=np.array([_ASPECT[aspect] for aspect in aspects], np.int8),
            surprise=np.array(surprise, np.float64),
            sizes=np.array(sizes, np.int64),
            similarity=np.array(similarity, np.float64),
            nearest=np.array(nearest, np.int64),
            vectors=vectors,
        ).sorted()

    def sorted(self) -> Self:
        """Return the same records sorted by `available`, then by id."""
        order = np.lexsort((self.ids, self.available))
        return self if np.array_equal(order, np.arange(len(self))) else self.at(order)

    def at(self, places: Any) -> Self:
        """Return the records selected by `places`, an index array or a boolean mask."""
        return replace(self, **{field.name: getattr(self, field.name)[places] for field in fields(self)})

    def concat(self, new: Self) -> Self:
        """Return both partitions combined. Existing vectors are not copied if all new records come last."""
        if not len(self) or not len(new):
            return new if not len(self) else self
        names = [field.name for field in fields(self) if field.name != "vectors"]
        columns = {name: np.concatenate([getattr(self, name), getattr(new, name)]) for name in names}
        last, first = (self.available[-1], self.ids[-1]), (new.available[0], new.ids[0])
        whole = replace(self, **columns, vectors=_appended(self.vectors, new.vectors))
        return whole if last < first else whole.sorted()

    @property
    def born(self) -> Ints:
        """Return the time from which each record is visible: the later of `available` and `learned`."""
        return np.maximum(self.available, self.learned)

    @property
    def last_seq(self) -> int:
        return int(self.seqs.max()) if len(self) else 0

    def index_of(self, seqs: Ints) -> Ints:
        """Return the places of the records with rows `seqs`; all must be present."""
        order = np.argsort(self.seqs, kind="stable")
        return order[np.searchsorted(self.seqs, seqs, sorter=order)]

    def id_at(self, place: int) -> MemoryId:
        return MemoryId(self.ids[place].decode())


_PLACE = {source.value: place for place, source in enumerate(SOURCES)}
_ASPECT = {aspect.value: place for place, aspect in enumerate(ASPECTS)}


def quantize(vectors: NDArray[np.float32]) -> Stored:
    """Return vectors in storage format: integer multiples of 1/SCALE, clipped to [-1, 1]."""
    stored: Stored = np.rint(np.minimum(np.maximum(vectors, -1), 1) * SCALE).astype(np.int16)
    return stored


def dequantize(stored: Stored) -> NDArray[np.float32]:
    """Return stored vectors as floats, of length one up to rounding."""
    return stored.astype(np.float32) / np.float32(SCALE)


def cosines(rows: Stored, others: Stored) -> Floats:
    """Return the cosine of each of `rows` to each of `others`, from integer products that float64 holds exactly."""
    left = rows.astype(np.float64)
    right = left if others is rows else others.astype(np.float64)
    products: Floats = left @ right.T
    products /= SCALE * SCALE
    return products


def _appended(old: Stored, new: Stored) -> Stored:
    """Append rows in the spare capacity of the array that holds `old`; allocate a larger array if it is full."""
    count, total = len(old), len(old) + len(new)
    room = _room(old, total)
    room[count:total] = new
    return room[:total]


def _room(old: Stored, total: int) -> Stored:
    """Return an array of at least `total` rows that starts with `old`: its base array, or a new one."""
    whole = old.base
    if isinstance(whole, np.ndarray) and whole.ndim == 2 and whole.flags.writeable:
        table: Stored = whole
        if len(table) >= total and table.ctypes.data == old.ctypes.data:
            return table
    table = np.empty((int(total * _SPARE) + 16, old.shape[1]), old.dtype)
    table[: len(old)] = old
    return table
