"""Questions across all tickers: which records the index proposes, and keeping it in step with the journal."""

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
"""Below so many records of a namespace the exact search is faster than loading chroma."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the index of one namespace; `differences` counts vectors that are not those of the journal."""

    namespace: str
    records: int
    differences: int


class CrossSymbolSearch:
    """Proposes records of a namespace that are like a question, whatever ticker they are about."""

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
        """Return rows by ticker, `count` for each text; None where every record should rather be looked at."""
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
        """Throw the index away and make it anew, and compare every vector with the journal's afterwards."""
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
        """Let go of the index."""
        self._index.close()

    def _in_step(self, space: int, count: int, dimensions: int) -> bool:
        """Index what was written since; say no while another process writes, for two would lose vectors."""
        namespace = self._journal.namespace(space)
        if self._lost:
            return False
        try:
            held = self._index.stored_ids(namespace, dimensions)
        except (ConfigError, StoreLocked) as error:
            self._lost = True
            self._notice(f"{error}; until then questions across tickers look at every memory")
            return False
        if held == count:
            return True
        try:
            with self._claim.during():
                if held > count:
                    self._notice("the memory index holds more than the journal; it is made anew")
                    self._index.drop(namespace, dimensions)
                    held = 0
                if not held:
                    self._notice(f"indexing {count:,} memories for questions across tickers (once)")
                rows, vectors = self._vectors.of_space(space)
                first = max(0, held - BATCH)  # a batch that was cut short is written again
                self._index.add(namespace, rows[first:], vectors[first:])
        except (ConfigError, StoreLocked):
            return False
        return True
