"""Point-in-time view of the memory: what was known and learned at `as_of`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import TypeVar

from ..domain.ids import Symbol
from ..llm.embeddings.port import Embedder, Vectors, prepare_vectors
from .decay import Decay
from .journal.journal import MemoryJournal
from .partitions.cache import PartitionCache
from .partitions.partition import Ints
from .partitions.visibility import VisibleRange, check_visible
from .port import Query, RecalledRecord
from .presets.preset import Preset
from .recall.candidates import Candidates
from .recall.cross_symbol import CrossSymbolSearch
from .recall.scoring import pool_size, top_scored
from .recall.selection import excerpt_of, select
from .record import (
    Change,
    Layer,
    Record,
    Source,
)
from .timestamps import MAX_MICROS, to_micros

T = TypeVar("T")
OVER_FETCH = 8
"""Factor by which index requests exceed the pool size, as some results are not visible or no longer recallable."""

MAX_REPEATED = 32
"""Number of distinct queries whose candidates a view keeps: the agents of a desk send the same few in sequence."""

_SUPERSEDED_SQL = (
    "SELECT r.id FROM records r JOIN events e ON e.record = r.seq "
    "WHERE r.space = ? AND e.space = ? AND e.seq <= ? AND e.effective_at <= ? AND e.change != ?"
)
_ENDED_OF = _SUPERSEDED_SQL + " AND r.symbol = ?"
_REFLECTIONS = (Source.PRICE_REFLECTION, Source.TRADE_REFLECTION)


class PointInTimeView:
    """A MemoryView over the journal up to the row `head`."""

    def __init__(
        self,
        library: PartitionCache,
        journal: MemoryJournal,
        analogies: CrossSymbolSearch,
        embedder: Embedder,
        preset: Preset,
        decay: Decay,
        visible_ranges: Sequence[VisibleRange],
        as_of: datetime,
        head: int,
    ) -> None:
        self._library, self._journal, self._embedder = library, journal, embedder
        self._analogies = analogies
        self._preset, self._fading = preset, decay
        self._lenses, self._head = tuple(visible_ranges), head
        self._as_of, self._at = as_of, to_micros(as_of)
        self._answered: dict[Query, tuple[RecalledRecord, ...]] = {}
        self._pools: dict[Query, Candidates] = {}

    @property
    def as_of(self) -> datetime:
        return self._as_of

    @property
    def lenses(self) -> tuple[VisibleRange, ...]:
        """Return the visible namespaces of this view, each up to a journal row."""
        return self._lenses

    @property
    def head(self) -> int:
        """Return the last journal row of this view."""
        return self._head

    @property
    def seq(self) -> int:
        """Return the number of the last row, of a record, event or variant, visible to this view."""
        rows = [0]
        for space, limit in self._lenses:
            rows += self._journal.rows(
                "SELECT max(coalesce((SELECT max(seq) FROM records WHERE space = ?1 AND seq <= ?2 AND "
                "available_at <= ?3 AND learned_at <= ?3), 0), coalesce((SELECT max(seq) FROM events WHERE "
                "space = ?1 AND seq <= ?2 AND effective_at <= ?3), 0), coalesce((SELECT max(v.seq) FROM variants v "
                "JOIN records r ON r.seq = v.record WHERE v.space = ?1 AND v.seq <= ?2 AND r.available_at <= ?3 AND "
                "r.learned_at <= ?3), 0))",
                (space, limit, self._at),
            )[0]
        return max(rows)

    def recall(self, query: Query) -> tuple[RecalledRecord, ...]:
        """Return the recalled memories, best first, within the limits of `query`; may be empty."""
        if query not in self._answered:
            _make_room(self._answered)
            self._answered[query] = self._recall(query)
        return self._answered[query]

    async def prepare(self, query: Query) -> None:
        """Obtain the vectors of a query without blocking the event loop; raises ModelError as the embedder does."""
        await prepare_vectors(self._embedder, query.texts)

    def _recall(self, query: Query) -> tuple[RecalledRecord, ...]:
        pool, preset = self.candidates(query), self._preset
        layers = self._layers(pool)
        chosen = select(
            pool, layers, limit=query.limit, tokens=query.tokens, diversity=preset.diversity, quotas=preset.quotas
        )
        seqs = pool.seqs[chosen].tolist()
        records, known_until = self._library.records(seqs, dict(self._lenses)), self._known_until(seqs)
        return tuple(
            self._recalled(records[seq], known_until.get(seq, MAX_MICROS), pool, number, layers[number])
            for seq, number in zip(seqs, chosen, strict=True)
        )

    def candidates(self, query: Query) -> Candidates:
        """Return up to `pool_size(query)` candidates by score alone, best first.

        A query about one ticker also finds records without a ticker. The token budget has no effect.
        """
        any_budget = replace(query, tokens=0)
        if any_budget not in self._pools:
            _make_room(self._pools)
            self._pools[any_budget] = self._candidates(query)
        return self._pools[any_budget]

    def _candidates(self, query: Query) -> Candidates:
        asked = self._embedder.embed(query.texts)
        limit = pool_size(query)
        found: list[Candidates] = []
        for visible in self._lenses:
            proposed = self._analogies.propose(visible, asked, OVER_FETCH * limit) if query.symbol is None else None
            some = [] if proposed is None else self._best(visible, proposed, query, asked)
            enough = sum(map(len, some)) >= query.limit
            found += some if enough else self._best(visible, self._symbols(visible, query), query, asked)
        return Candidates.joined(found, limit)

    def _best(
        self, visible: VisibleRange, among: Mapping[str, Ints | None], query: Query, asked: Vectors
    ) -> list[Candidates]:
        """Return the best candidates of a namespace per ticker, among the given rows, or all rows where None."""
        found: list[Candidates] = []
        for symbol, rows in among.items():
            view = self._library.view(visible, symbol, self._lenses, self._head)
            if len(view.partition):
                found.append(top_scored(view, self._fading, self._preset.weights, query, asked, self._at, among=rows))
        return found

    def records(self, symbol: Symbol | None = None, *, sources: Sequence[Source] = tuple(Source)) -> tuple[Record, ...]:
        """Return every visible record about `symbol` (None: any) from `sources`, oldest first."""
        found: list[Record] = []
        marks = ", ".join("?" * len(sources))
        kinds = [source.value for source in sources]
        for space, limit in self._lenses:
            where = f"space = ? AND seq <= ? AND available_at <= ? AND learned_at <= ? AND source IN ({marks})"
            given: list[object] = [space, limit, self._at, self._at, *kinds]
            if symbol is not None:
                where, given = f"{where} AND symbol = ?", [*given, symbol]
            found += self._journal.records(where, given, {space: limit})
        ended = self._ended(symbol)
        kept = [record for record in found if record.id not in ended]
        for record in kept:
            check_visible(record, MAX_MICROS, self._at)
        return tuple(sorted(kept, key=lambda record: (record.available_at, record.id)))

    def due_theses(self, symbol: Symbol) -> tuple[Record, ...]:
        """Return the theses on `symbol` that are due by `as_of` and have no reflection yet."""
        reflected = {link for record in self.records(symbol, sources=_REFLECTIONS) for link in record.sources}
        theses = self.records(symbol, sources=(Source.THESIS,))
        return tuple(t for t in theses if t.due_at is not None and t.due_at <= self._as_of and t.id not in reflected)

    def _symbols(self, visible: VisibleRange, query: Query) -> dict[str, Ints | None]:
        """Return the tickers to search for `query`."""
        symbols = self._library.symbols(visible, self._head) if query.symbol is None else (query.symbol, "")
        return dict.fromkeys(symbols)

    def _layers(self, pool: Candidates) -> list[Layer]:
        layers: dict[int, Layer] = {}
        for view, numbers in pool.by_shelf():
            here = self._fading.layers(view, pool.places[numbers].tolist(), self._at)
            layers |= zip(numbers.tolist(), here, strict=True)
        return [layers[number] for number in range(len(pool))]

    def _ended(self, symbol: Symbol | None) -> set[str]:
        """Return the ids of records superseded or forgotten by `as_of`, of one ticker or all."""
        ended: set[str] = set()
        for (held, _), (space, limit) in product(self._lenses, repeat=2):
            given: list[object] = [held, space, limit, self._at, Change.FEEDBACK.value]
            query = _SUPERSEDED_SQL if symbol is None else _ENDED_OF
            ended |= {row[0] for row in self._journal.rows(query, given if symbol is None else [*given, symbol])}
        return ended

    def _recalled(
        self, record: Record, known_until: int, pool: Candidates, number: int, layer: Layer
    ) -> RecalledRecord:
        check_visible(record, known_until, self._at)
        score, parts = float(pool.scores[number]), pool.parts_of(number)
        return RecalledRecord(record, layer, score, parts, excerpt_of(record.text))

    def _known_until(self, seqs: Sequence[int]) -> dict[int, int]:
        """Return when records are superseded or forgotten, read from the journal instead of the searched partitions."""
        marks, limits = ", ".join("?" * len(seqs)), dict(self._lenses)
        query = f"SELECT record, effective_at, space, seq FROM events WHERE record IN ({marks}) AND change != ?"  # noqa: S608
        rows = self._journal.rows(f"{query} ORDER BY effective_at DESC", (*seqs, Change.FEEDBACK.value))
        return {record: at for record, at, space, seq in rows if seq <= limits.get(space, -1)}


def _make_room(kept: dict[Query, T]) -> None:
    """Drop the oldest entry of a full dict."""
    if len(kept) >= MAX_REPEATED:
        del kept[next(iter(kept))]
