"""File-based memory store: one process writes at a time, any number may read."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ..domain.errors import ConfigError
from ..llm.embeddings.port import Embedder, prepare_vectors
from .decay import fading_of
from .journal.journal import MemoryJournal, RecordHeader
from .journal.validation import (
    check_event,
    check_stamps,
    check_unicode,
    links_of,
    text_fields,
    validate_record,
)
from .journal.variants import content_order, preferred, resolved
from .journal.writer_lock import WriterLock
from .partitions.cache import PartitionCache
from .partitions.near_duplicates import with_similarity
from .partitions.partition import Partition
from .partitions.vector_store import VectorStore
from .partitions.visibility import VisibleRange, visible_ranges
from .presets.preset import Preset
from .recall.chroma_index import ChromaIndex
from .recall.cross_symbol import INDEX_FROM, CrossSymbolSearch
from .record import (
    Event,
    MemoryId,
    Namespace,
    Record,
)
from .timestamps import to_micros
from .view import PointInTimeView

Notice = Callable[[str], None]


def _silent(_text: str) -> None: ...


class FileMemoryStore:
    """A MemoryStore in one folder; use it as a context manager to close it."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        preset: Preset,
        *,
        notice: Notice = _silent,
        patience: float = 0.0,
        index: str | None = None,
        index_from: int = INDEX_FROM,
    ) -> None:
        """Open or create the store; raises ConfigError if it cannot be used.

        `notice` is called with one message for each repair. `patience` is how many seconds to wait for another writer
        before StoreLocked is raised. `index` is the folder or address of the Chroma index, by default a folder beside
        the journal. It is opened by the first search across tickers in a namespace of at least `index_from` records.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"cannot create {folder}: {error.strerror}; set OPENOUTCRY_HOME to a writable folder"
            ) from error
        self.folder, self.preset = folder, preset
        self.journal = MemoryJournal(folder)
        self._claim = WriterLock(folder / "writer.lock", patience)
        self._notice = notice
        self.vectors = VectorStore(self.journal, embedder)
        self.library = PartitionCache(self.journal, self.vectors)
        self.fading = fading_of(preset)
        where = ChromaIndex(index or str(folder / "chroma"), embedder.name, notice)
        self.analogies = CrossSymbolSearch(
            self.journal, self.vectors, self._claim, where, notice, index_from=index_from
        )
        self._checked, head = 0, self.journal.head()
        self._complete()
        self._checked = head

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index and the journal, and release the writer lock."""
        self.analogies.close()
        self._claim.release()
        self.journal.close()

    def acquire_writer(self) -> None:
        """Acquire the writer lock until `close`; raises StoreLocked while another process holds it."""
        self._claim.take()

    def at(
        self, as_of: datetime, namespace: Namespace, *, base: Namespace | None = None, seq: int | None = None
    ) -> PointInTimeView:
        """Return the view of `namespace` at `as_of`, including the records of the read-only namespace `base`.

        `seq` limits the view to the journal up to that row, as stored in a checkpoint or a decision.
        """
        now = self.journal.head()
        if now != self._checked and not self._claim.held:  # another process may write with another embedder
            self._complete()
        self._checked = now
        head = now if seq is None else min(seq, now)
        lenses = dict[VisibleRange, None].fromkeys(visible_ranges(self.journal, namespace, head))
        if base is not None and base != namespace:
            held = {visible.space for visible in lenses}
            lenses |= dict.fromkeys(
                visible for visible in visible_ranges(self.journal, base, head) if visible.space not in held
            )
        return PointInTimeView(
            self.library,
            self.journal,
            self.analogies,
            self.vectors.embedder,
            self.preset,
            self.fading,
            tuple(lenses),
            as_of,
            head,
        )

    def fork(self, namespace: Namespace, branch: str) -> Namespace:
        """Create a branch of `namespace` at the current row; later writes of either are not visible to the other.

        Raises ConfigError if the branch exists already, and StoreLocked while another process writes.
        """
        child = Namespace(namespace.workspace, namespace.run, branch, namespace.agent)
        self.acquire_writer()
        if self.journal.space(child) is not None:
            raise ConfigError(f"the branch {branch!r} of {namespace.run!r} exists already; choose another name")
        with self.journal.transaction():
            parent = self.journal.add_space(namespace)
            self.journal.add_space(child, parent, self.journal.head())
        return child

    async def prepare(self, records: Sequence[Record]) -> None:
        """Obtain the vectors of new records without blocking the event loop; raises ModelError as the embedder does."""
        await prepare_vectors(self.vectors.embedder, [record.text for record in records])

    def write(self, records: Sequence[Record], events: Sequence[Event] = ()) -> tuple[MemoryId, ...]:
        """Write records and events in one transaction, and return the records' ids in their order.

        A record that exists already is not written again; of different contents of one id the one with the smallest
        JSON counts, whatever the order of writing. Raises InvalidData for empty text, for an event
        about an unknown record, and for a record that would be available before it happened, before its outcome or
        before its sources; ModelUnavailable if the embedder fails; StoreLocked while another process writes. Nothing is
        written if an error is raised.
        """
        with self._claim.during():
            return self._remember(records, events)

    def _remember(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[MemoryId, ...]:
        for record in records:
            check_stamps(record)
        check_unicode("".join(text_fields(records, events)))
        known = dict(self.journal.known(links_of(records, events)))
        stored = self._stored(records, known)
        new: dict[MemoryId, Record] = {}
        for record in records:
            if record.id not in stored:
                validate_record(record, known)
                new[record.id] = min(new.get(record.id, record), record, key=content_order)
                known[record.id] = RecordHeader(0, 0, to_micros(record.available_at), to_micros(record.learned_at))
        variants = preferred(records, stored)
        for record in variants.values():
            validate_record(record, known)
        for event in events:
            check_event(event, known)
        try:
            self._write(new, variants, events, known)
        except BaseException:
            self.library.drop()
            self.vectors.generation()
            raise
        return tuple(record.id for record in records)

    def _stored(self, records: Sequence[Record], known: Mapping[MemoryId, RecordHeader]) -> dict[MemoryId, Record]:
        """Return those of `records` that the journal has, with the content that they have there."""
        rows = {known[record.id].seq: record.id for record in records if record.id in known}
        found = resolved(self.journal.records_by_row(list(rows)), self.journal.variants(list(rows)))
        return {rows[seq]: record for seq, record in found.items()}

    def _write(
        self,
        new: Mapping[MemoryId, Record],
        variants: Mapping[MemoryId, Record],
        events: Sequence[Event],
        known: dict[MemoryId, RecordHeader],
    ) -> None:
        vectors = self.vectors.embedded([record.text for record in new.values()]) if new else None
        groups: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        done: dict[tuple[int, str], Partition] = {}
        with self.journal.transaction():
            seq = self.journal.head()
            for place, record in enumerate(new.values()):
                seq += 1
                space = self.journal.add_space(record.namespace)
                self.journal.add_record(seq, record, space)
                known[record.id] = RecordHeader(
                    seq, space, to_micros(record.available_at), to_micros(record.learned_at)
                )
                groups[space, record.symbol or ""].append((seq, place))
            for record in variants.values():
                seq += 1
                self.journal.add_variant(seq, record, known[record.id])
            for event in events:
                home = known[event.record]
                space = home.space if event.namespace is None else self.journal.add_space(event.namespace)
                seq += self.journal.add_event(seq + 1, event, home.seq, space)
            rows = list(new.values())
            for (space, symbol), team in groups.items():
                if vectors is None:
                    break
                fresh = _new_rows([(number, rows[place]) for number, place in team])
                part = Partition.of(fresh, vectors[[place for _, place in team]])
                done[space, symbol] = self._settle(space, symbol, part)
        for (space, symbol), partition in done.items():
            self.library.put(space, symbol, partition)

    def _complete(self) -> None:
        """Compute the missing vectors of records written since the last check, and issue a notice."""
        missing = self.vectors.missing(self._checked)
        if not missing:
            return
        groups: dict[tuple[int, str], list[int]] = defaultdict(list)
        for seq, space, symbol in missing:
            groups[space, symbol].append(seq)
        with self._claim.during():
            for (space, symbol), seqs in groups.items():
                records = [(seq, self.journal.record(seq)) for seq in seqs]
                vectors = self.vectors.embedded([record.text for _, record in records])
                with self.journal.transaction():
                    self._settle(space, symbol, Partition.of(_new_rows(records), vectors))
            self.library.drop()
        self._notice(
            f"{len(missing)} memories had no vectors of {self.vectors.embedder.name}; the vectors were computed"
        )

    def _settle(self, space: int, symbol: str, fresh: Partition) -> Partition:
        """Compare new records with existing ones, save vectors and similarity, and return the combined partition."""
        whole, changed = with_similarity(self.library.partition(space, symbol).concat(fresh), fresh.seqs)
        self.vectors.save(whole, changed.tolist())
        return whole


def _new_rows(team: Sequence[tuple[int, Record]]) -> list[tuple[object, ...]]:
    """Return partition rows for records that were not compared with others yet."""
    return [
        (
            seq,
            record.id,
            record.source.value,
            record.aspect.value,
            to_micros(record.available_at),
            to_micros(record.learned_at),
            record.surprise,
            len(record.text.encode()),
            -1.0,
            0,
        )
        for seq, record in team
    ]
