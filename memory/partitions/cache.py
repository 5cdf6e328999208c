"""Cache of partitions and partition views, updated as the journal grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from ..journal.journal import MemoryJournal
from ..journal.variants import resolved
from ..record import Record
from .near_duplicates import with_similarity
from .partition import Partition
from .partition_view import EventRow, PartitionView, apply_events, earliest_events
from .vector_store import VectorStore
from .visibility import VisibleRange

RECORDS_KEPT = 4_096


class SurpriseRow(NamedTuple):
    """Another surprise of the record with row `record`, written as journal row `seq`; the last one counts."""

    seq: int
    record: int
    surprise: float


@dataclass(slots=True, eq=False)
class _Entry:
    """One partition as of the journal row `head`."""

    partition: Partition
    events: list[EventRow]
    variants: list[SurpriseRow]
    head: int
    last: int = 0
    views: dict[tuple[VisibleRange, ...], PartitionView] = field(default_factory=dict)


class PartitionCache:
    """In-process cache of what was read from a journal."""

    def __init__(self, journal: MemoryJournal, vectors: VectorStore) -> None:
        self._journal, self._vectors = journal, vectors
        self._entries: dict[tuple[int, str], _Entry] = {}
        self._symbols: dict[tuple[int, int], tuple[str, ...]] = {}
        self._records: dict[int, Record] = {}

    def partition(self, space: int, symbol: str) -> Partition:
        """Return the current partition."""
        return self._entry(space, symbol, self._journal.head()).partition

    def put(self, space: int, symbol: str, partition: Partition) -> None:
        """Cache a partition whose new rows were just written, so that they are not read back."""
        entry = self._entries.get((space, symbol))
        fresh = _Entry(partition, [], [], 0)
        self._entries[space, symbol] = _renewed(replace(entry, partition=partition, views={}) if entry else fresh)

    def drop(self) -> None:
        """Clear the cached partitions, after a failed write or after vectors were recomputed."""
        self._entries.clear()

    def symbols(self, visible: VisibleRange, head: int) -> tuple[str, ...]:
        """Return the tickers of all records in a namespace; "" is included if records without a ticker exist."""
        if (visible.space, head) not in self._symbols:
            rows = self._journal.rows(
                "SELECT DISTINCT symbol FROM records WHERE space = ? ORDER BY 1", (visible.space,)
            )
            self._symbols = {key: names for key, names in self._symbols.items() if key[1] == head}
            self._symbols[visible.space, head] = tuple(row[0] for row in rows)
        return self._symbols[visible.space, head]

    def view(
        self, visible: VisibleRange, symbol: str, visible_ranges: Sequence[VisibleRange], head: int
    ) -> PartitionView:
        """Return a partition within the range `visible`, with the events within any of `visible_ranges`."""
        entry = self._entry(visible.space, symbol, head)
        key = tuple(VisibleRange(each.space, min(each.limit, entry.last)) for each in (visible, *visible_ranges))
        if key not in entry.views:
            if len(entry.views) > 8:
                entry.views.clear()
            entry.views[key] = self._shelved(entry, visible, visible_ranges)
        return entry.views[key]

    def events(self, space: int, symbol: str, record: int, at: int) -> list[EventRow]:
        """Return the events of one record (row `record`) up to `at`, oldest first."""
        entry = self._entry(space, symbol, self._journal.head())
        of_record = earliest_events([event for event in entry.events if event.record == record])
        happened = [event for event in of_record if event.effective_at <= at]
        return sorted(happened, key=lambda event: (event.effective_at, event.cause))

    def fetch(self, seqs: Sequence[int]) -> None:
        """Load the records with rows `seqs`, as they were first written, in one query."""
        missing = [seq for seq in seqs if seq not in self._records]
        if len(self._records) + len(missing) > RECORDS_KEPT:
            self._records.clear()
            missing = list(seqs)
        if missing:
            self._records |= self._journal.records_by_row(missing)

    def records(self, seqs: Sequence[int], limits: Mapping[int, int]) -> dict[int, Record]:
        """Return the records with rows `seqs` as of the journal row that `limits` gives for their namespace."""
        self.fetch(seqs)
        return resolved({seq: self._records[seq] for seq in seqs}, self._journal.variants(seqs), limits)

    def _shelved(self, entry: _Entry, visible: VisibleRange, visible_ranges: Sequence[VisibleRange]) -> PartitionView:
        partition = _with_surprise(at_row(entry.partition, visible.limit), entry.variants, visible.limit)
        limits = {each.space: each.limit for each in visible_ranges}
        here = set(partition.seqs.tolist()) if len(partition) < len(entry.partition) else None
        seen = [event for event in entry.events if event.seq <= limits.get(event.space, -1)]
        return apply_events(partition, seen if here is None else [event for event in seen if event.record in here])

    def _entry(self, space: int, symbol: str, head: int) -> _Entry:
        entry = self._entries.get((space, symbol))
        if entry is not None and entry.head >= head:
            return entry
        if entry is None:
            partition = self._vectors.load(space, symbol, 0, head)
            events, variants = self._events(space, symbol, 0, head), self._variants(space, symbol, 0, head)
            entry = _Entry(partition, events, variants, head)
        else:
            entry = self._caught_up(entry, space, symbol, head)
        self._entries[space, symbol] = _renewed(entry)
        return entry

    def _caught_up(self, entry: _Entry, space: int, symbol: str, head: int) -> _Entry:
        """Load new rows; reload all if a new record is older than a cached one, as the cached one may be its copy."""
        old, new_events = entry.partition, self._events(space, symbol, entry.head, head)
        fresh = self._vectors.load(space, symbol, max(entry.head, old.last_seq), head)
        variants = self._variants(space, symbol, entry.head, head)
        if not len(fresh) and not new_events and not variants:
            entry.head = head
            return entry
        late = len(old) and len(fresh) and fresh.born.min() <= old.born.max()
        partition = self._vectors.load(space, symbol, 0, head) if late else old.concat(fresh)
        return _Entry(partition, entry.events + new_events, entry.variants + variants, head)

    def _events(self, space: int, symbol: str, after: int, until: int) -> list[EventRow]:
        rows = self._journal.rows(
            "SELECT e.seq, e.record, e.space, e.change, e.effective_at, e.cause, e.gain FROM events e "
            "JOIN records r ON r.seq = e.record "
            "WHERE e.seq > ? AND e.seq <= ? AND r.space = ? AND r.symbol = ? ORDER BY e.seq",
            (after, until, space, symbol),
        )
        return [EventRow(*row) for row in rows]

    def _variants(self, space: int, symbol: str, after: int, until: int) -> list[SurpriseRow]:
        rows = self._journal.rows(
            "SELECT v.seq, v.record, v.surprise FROM variants v JOIN records r ON r.seq = v.record "
            "WHERE v.seq > ? AND v.seq <= ? AND r.space = ? AND r.symbol = ? ORDER BY v.seq",
            (after, until, space, symbol),
        )
        return [SurpriseRow(*row) for row in rows]


def _with_surprise(partition: Partition, variants: Sequence[SurpriseRow], limit: int) -> Partition:
    """Return `partition` with the surprise that each record has as of the journal row `limit`."""
    held = set(partition.seqs.tolist()) if variants else set()
    last = {row.record: row.surprise for row in variants if row.seq <= limit and row.record in held}
    if not last:
        return partition
    surprise = partition.surprise.copy()
    surprise[partition.index_of(np.array(list(last), np.int64))] = list(last.values())
    return replace(partition, surprise=surprise)


def at_row(partition: Partition, limit: int) -> Partition:
    """Return `partition` as of the journal row `limit`."""
    if partition.last_seq <= limit:
        return partition
    early, late = partition.seqs <= limit, partition.seqs > limit
    kept = partition.at(early)
    if not len(kept) or partition.born[late].min() > kept.born.max():
        return kept
    unmeasured = replace(kept, similarity=np.full(len(kept), -1.0), nearest=np.zeros(len(kept), np.int64))
    return with_similarity(unmeasured, kept.seqs)[0]


def _renewed(entry: _Entry) -> _Entry:
    event = entry.events[-1].seq if entry.events else 0
    variant = entry.variants[-1].seq if entry.variants else 0
    entry.last = max(entry.partition.last_seq, event, variant)
    return entry
