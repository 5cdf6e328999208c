"""Storage of vectors beside the journal, one per record and embedder, with each record's similarity."""

from collections.abc import Iterable

import numpy as np

from ...llm.embeddings.port import Embedder, Vectors
from ..journal.journal import MemoryJournal
from .partition import (
    Partition,
    Stored,
    dequantize,
    quantize,
)

_COLUMNS = (
    "r.seq, r.id, r.source, r.aspect, r.available_at, r.learned_at, r.surprise, length(CAST(r.text AS BLOB)), "
    "v.likeness, v.nearest, v.vector"
)


class VectorStore:
    """Stores the vectors of one embedder; vectors of other embedders are kept and ignored."""

    def __init__(self, journal: MemoryJournal, embedder: Embedder) -> None:
        self._journal, self.embedder = journal, embedder
        self._id: int | None = None

    def _number(self) -> int:
        """Return the row id of the embedder in this journal; zero if it has none yet."""
        if self._id is None:
            found = self._journal.rows("SELECT id FROM embedders WHERE name = ?", (self.embedder.name,))
            self._id = int(found[0][0]) if found else None
        return self._id or 0

    def load(self, space: int, symbol: str, after: int, until: int) -> Partition:
        """Return the records of one namespace about one ticker with `after` < row <= `until`."""
        query = (
            f"SELECT {_COLUMNS} FROM records r CROSS JOIN vectors v ON v.seq = r.seq AND v.embedder = ? "  # noqa: S608
            "WHERE r.space = ? AND r.symbol = ? AND r.seq > ? AND r.seq <= ?"
        )
        rows = self._journal.rows(query, (self._number(), space, symbol, after, until))
        stored = np.frombuffer(b"".join(row[-1] for row in rows), np.int16)
        vectors = stored.reshape(len(rows), -1) if rows else np.empty((0, 0), np.int16)
        return Partition.of([row[:-1] for row in rows], vectors)

    def of_space(self, space: int) -> tuple[list[int], Vectors]:
        """Return the record rows of a namespace in journal order, and their vectors."""
        rows = self._journal.rows(
            "SELECT r.seq, v.vector FROM records r CROSS JOIN vectors v ON v.seq = r.seq AND v.embedder = ? "
            "WHERE r.space = ? ORDER BY r.seq",
            (self._number(), space),
        )
        stored = np.frombuffer(b"".join(row[1] for row in rows), np.int16)
        return [row[0] for row in rows], dequantize(stored).reshape(len(rows), -1 if rows else 0)

    def embedded(self, texts: list[str]) -> Stored:
        """Return the vectors of `texts` in storage format."""
        return quantize(self.embedder.embed(texts))

    def save(self, partition: Partition, seqs: Iterable[int]) -> None:
        """Write the vectors and similarity of the records with rows `seqs`. Call within a transaction."""
        connection = self._journal.connection
        if not self._number():
            connection.execute("INSERT INTO embedders (name) VALUES (?)", (self.embedder.name,))
        places = partition.index_of(np.array(list(seqs), np.int64))
        columns = (partition.seqs, partition.similarity, partition.nearest)
        numbers = zip(*(column[places].tolist() for column in columns), strict=True)
        blobs = (row.tobytes() for row in partition.vectors[places])
        rows = [(self._number(), *number, blob) for number, blob in zip(numbers, blobs, strict=True)]
        connection.executemany(
            "INSERT INTO vectors (embedder, seq, likeness, nearest, vector) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (embedder, seq) DO UPDATE SET likeness = excluded.likeness, nearest = excluded.nearest",
            rows,
        )

    def generation(self) -> None:
        """Reset the cached row id of the embedder, after a failed transaction."""
        self._id = None

    def missing(self, after: int = 0) -> list[tuple[int, int, str]]:
        """Return row, namespace and ticker of the records after row `after` without a vector of this embedder."""
        return self._journal.rows(
            "SELECT seq, space, symbol FROM records r WHERE seq > ? AND NOT EXISTS "
            "(SELECT 1 FROM vectors v WHERE v.embedder = ? AND v.seq = r.seq) ORDER BY space, symbol, seq",
            (after, self._number()),
        )
