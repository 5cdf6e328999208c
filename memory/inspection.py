"""Inspection of a memory store: the status of all visible records, and the history of one record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from .partitions.partition_view import EventRow, PartitionView
from .partitions.visibility import VisibleRange
from .record import Layer, MemoryId, Record
from .store import FileMemoryStore
from .timestamps import DAY, from_micros, to_micros
from .view import PointInTimeView

LISTED = 8
"""Most ids in the message about an ambiguous prefix."""
POINTS = 60
"""Number of points in a strength curve."""


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """Status of a visible record. `recallable` is false below the floor and for copies of an earlier text."""

    record: Record
    layer: Layer
    strength: float
    outcome: float
    copies: int
    recallable: bool


@dataclass(frozen=True, slots=True)
class StrengthPoint:
    """Strength and layer of a record at one time."""

    at: datetime
    strength: float
    layer: Layer
    recallable: bool


@dataclass(frozen=True, slots=True)
class RecordHistory:
    """History of one record up to a given time.

    Attributes:
        copy_of: the id of the earlier record that it is a copy of; None if it is not a copy.
        copies: the number of later near-duplicates.
        curve: its strength over time, from when it became known.
        moves: the times at which it entered a layer, including the first layer.
        events: its events, oldest first.
        cited_by: theses that cite it.
        sources_of: records that were derived from it.
    """

    record: Record
    copy_of: MemoryId | None
    copies: int
    curve: tuple[StrengthPoint, ...]
    moves: tuple[tuple[datetime, Layer], ...]
    events: tuple[EventRow, ...]
    cited_by: tuple[Record, ...]
    sources_of: tuple[Record, ...]


def list_status(memory: FileMemoryStore, view: PointInTimeView, symbol: Symbol | None = None) -> Iterator[RecordStatus]:
    """Yield the status of every record visible in `view`, oldest first within each ticker."""
    at = to_micros(view.as_of)
    for visible in view.lenses:
        for name in memory.library.symbols(visible, view.head) if symbol is None else (symbol,):
            shelf = memory.library.view(visible, name, view.lenses, view.head)
            if len(shelf.partition):
                yield from _of_shelf(memory, shelf, at, visible)


def _of_shelf(memory: FileMemoryStore, view: PartitionView, at: int, visible: VisibleRange) -> Iterator[RecordStatus]:
    count = view.count_until(at)
    places = np.flatnonzero(view.visible(count, at))
    decay_state, layers = memory.fading.state(view, count, at), memory.fading.layers(view, places.tolist(), at)
    records = memory.library.records(view.partition.seqs[places].tolist(), {visible.space: visible.limit})
    for (place, layer), record in zip(zip(places.tolist(), layers, strict=True), records.values(), strict=True):
        yield RecordStatus(
            record=record,
            layer=layer,
            strength=round(float(decay_state.strength[place]), 6),
            outcome=round(float(decay_state.outcome[place]), 6),
            copies=view.copied(place, at),
            recallable=bool(decay_state.recallable[place]) and int(view.roots[place]) == place,
        )


def resolve_id(memory: FileMemoryStore, text: str) -> MemoryId:
    """Return the id that begins with `text`; raises ConfigError if none or more than one matches."""
    rows = memory.journal.rows("SELECT id FROM records WHERE substr(id, 1, ?) = ? LIMIT ?", (len(text), text, LISTED))
    ids = [str(row[0]) for row in rows]
    if text in ids or (text and len(ids) == 1):
        return MemoryId(text if text in ids else ids[0])
    if text and ids:
        more = " ..." if len(ids) == LISTED else ""
        raise ConfigError(f"{text!r} matches more than one memory: {', '.join(ids)}{more}; give more of the id")
    raise ConfigError(f"{text!r} matches no memory; run `openoutcry memory list` to see all ids")


def record_history(memory: FileMemoryStore, memory_id: MemoryId, as_of: datetime) -> RecordHistory:
    """Return the history of a record up to `as_of` in its own namespace; raises ConfigError if it is not known then."""
    known = memory.journal.known([memory_id])[memory_id]
    record, at = memory.journal.record(known.seq), to_micros(as_of)
    if max(known.available_at, known.learned_at) > at:
        raise ConfigError(
            f"{memory_id} was not known at {as_of:%Y-%m-%d %H:%M}; it is available from {record.available_at:%Y-%m-%d}"
        )
    head = memory.journal.head()
    visible = VisibleRange(known.space, head)
    view = memory.library.view(visible, record.symbol or "", (visible,), head)
    place = int(view.partition.index_of(np.array([known.seq]))[0])
    root = int(view.roots[place])
    return RecordHistory(
        record=record,
        copy_of=None if root == place else view.partition.id_at(root),
        copies=view.copied(place, at),
        curve=tuple(_curve(memory, view, place, known.available_at, at)),
        moves=tuple(_moves(memory, view, place, known.available_at, at)),
        events=tuple(memory.library.events(known.space, record.symbol or "", known.seq, at)),
        cited_by=_linked(memory, "cites", memory_id, at),
        sources_of=_linked(memory, "sources", memory_id, at),
    )


def _curve(memory: FileMemoryStore, view: PartitionView, place: int, born: int, at: int) -> Iterator[StrengthPoint]:
    days = (at - born) // DAY
    for timestamp in sorted({born + days * part // POINTS * DAY for part in range(POINTS)} | {at}):
        decay_state = memory.fading.state(view, place + 1, timestamp)
        layer = memory.fading.layers(view, (place,), timestamp)[0]
        strength = round(float(decay_state.strength[place]), 6)
        yield StrengthPoint(from_micros(timestamp), strength, layer, bool(decay_state.recallable[place]))


def _moves(
    memory: FileMemoryStore, view: PartitionView, place: int, born: int, at: int
) -> Iterator[tuple[datetime, Layer]]:
    last: Layer | None = None
    for timestamp in range(born, at + 1, DAY):
        layer = memory.fading.layers(view, (place,), timestamp)[0]
        if layer is not last:
            yield from_micros(timestamp), layer
        last = layer


def _linked(memory: FileMemoryStore, column: str, memory_id: MemoryId, at: int) -> tuple[Record, ...]:
    where = (
        f"(EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?1) OR seq IN (SELECT v.record FROM variants v, "  # noqa: S608
        f"json_each(v.{column}) j WHERE j.value = ?1)) AND available_at <= ?2 AND learned_at <= ?2"
    )
    found = memory.journal.records(where, (memory_id, at))
    return tuple(record for record in found if memory_id in getattr(record, column))
