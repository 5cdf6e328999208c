"""Search across all tickers: candidates from the index, and synchronization of the index with the journal."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...domain.errors import ConfigError, StoreLocked
from ...llm.embeddings.port import Vectors
from ..journal.journal import MemoryJournal
from ..journal.writer_lock import WriterLock
from ..partitions.partition import Ints
from ..partitions.vector_store import VectorStore
from ..partitions.visibility import VisibleRange
from .chroma_index import BATCH, ChromaIndex

INDEX_FROM = 5_000
"""Minimum number of records in a namespace to use the index; below, exact search is faster than loading Chroma."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Result of rebuilding the index of one namespace; `differences` counts vectors unlike those of the journal."""

    namespace: str
    records: int
    differences: int


class CrossSymbolSearch:
    """Proposes records of a namespace that are similar to a query, across all tickers."""

    def __init__(
        self,
        journal: MemoryJournal,
        vectors: VectorStore,
        lock: WriterLock,
        index: ChromaIndex,
        notice: Callable[[str], None],
        *,
        index_from: int = INDEX_FROM,
    ) -> None:
        self._journal, self._vectors, self._claim, self._index = journal, vectors, lock, index
        self._notice, self._index_from = notice, index_from
        self._lost = False

    def propose(self, visible: VisibleRange, asked: Vectors, count: int) -> dict[str, Ints] | None:
        """Return candidate rows by ticker, about `count` per text; None if an exact search should be used."""
        rows = self._journal.rows("SELECT count(*) FROM records WHERE space = ?", (visible.space,))[0][0]
        if rows < self._index_from or not self._in_step(visible.space, rows, asked.shape[1]):
            return None
        found = self._index.nearest(self._journal.namespace(visible.space), asked.shape[1], asked, count)
        if found is None:
            return None
        by_symbol: dict[str, list[int]] = defaultdict(list)
        for seq, symbol in self._journal.select("seq, symbol", found):
            by_symbol[symbol].append(seq)
        return {symbol: np.array(seqs, np.int64) for symbol, seqs in sorted(by_symbol.items())}

    def rebuild(self) -> list[Rebuilt]:
        """Rebuild the index of every namespace, then compare every vector with the journal's."""
        done = []
        with self._claim.during():
            for space in self._journal.spaces():
                rows, vectors = self._vectors.of_space(space.id)
                if not rows:
                    continue
                self._index.drop(space.namespace, vectors.shape[1])
                self._index.add(space.namespace, rows, vectors)
                names = (space.namespace.workspace, space.namespace.run, space.namespace.branch, space.namespace.agent)
                wrong = self._index.differences(space.namespace, rows, vectors)
                done.append(Rebuilt("/".join(names), len(rows), len(wrong)))
        return done

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def _in_step(self, space: int, count: int, dimensions: int) -> bool:
        """Index new records; return False if that is impossible, for example while another process is the writer."""
        namespace = self._journal.namespace(space)
        if self._lost:
            return False
        try:
            held = self._index.stored_ids(namespace, dimensions)
        except (ConfigError, StoreLocked) as error:
            self._lost = True
            self._notice(f"{error}; until then, searches across tickers use exact search")
            return False
        if held == count:
            return True
        try:
            with self._claim.during():
                if held > count:
                    self._notice("the memory index has more records than the journal; rebuilding it")
                    self._index.drop(namespace, dimensions)
                    held = 0
                if not held:
                    self._notice(f"indexing {count:,} memories for searches across tickers (one time only)")
                rows, vectors = self._vectors.of_space(space)
                first = max(0, held - BATCH)  # the last batch may be incomplete, so it is written again
                self._index.add(namespace, rows[first:], vectors[first:])
        except (ConfigError, StoreLocked):
            return False
        return True
