"""Cache of embedding vectors by hash of the text. It can be deleted at any time."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...storage.sqlite import enable_wal
from .port import Embedder, Vectors
from .remote import RemoteEmbedder

RECENT = 512
"""Number of vectors kept in memory."""


class CachedEmbedder:
    """Wraps an embedder with a cache in one SQLite file, which several processes may share."""

    def __init__(self, inner: Embedder, path: Path) -> None:
        self._inner, self._path = inner, path
        self._recent: dict[bytes, Vectors] = {}

    @property
    def name(self) -> str:
        return self._inner.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text; only texts that are not cached are embedded. Raises as the inner embedder does."""
        keys = self._keys(texts)
        found = self._found(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            made = dict(zip(new, self._inner.embed(list(new.values())), strict=True))
            self._keep(made)
            found |= made
        return np.array([found[key] for key in keys], np.float32)

    async def prepare(self, texts: Sequence[str]) -> None:
        """Embed the texts that are not cached without blocking the event loop; models of this machine do nothing."""
        if not isinstance(self._inner, RemoteEmbedder):
            return
        keys = self._keys(texts)
        found = self._found(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if new:
            self._keep(dict(zip(new, await self._inner.embed_async(list(new.values())), strict=True)))

    def _keys(self, texts: Sequence[str]) -> list[bytes]:
        return [hashlib.sha256(f"{self.name}\0{text}".encode()).digest() for text in texts]

    def _found(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        recent = {key: self._recent[key] for key in keys if key in self._recent}
        if len(recent) == len(set(keys)):
            return recent
        try:
            with self._opened() as connection:
                query = "SELECT vector FROM vectors WHERE key = ?"
                rows = {key: connection.execute(query, (key,)).fetchone() for key in keys if key not in recent}
            return recent | {key: np.frombuffer(row[0], np.float32) for key, row in rows.items() if row is not None}
        except sqlite3.Error:
            return recent  # an unreadable cache is treated as empty

    def _keep(self, made: dict[bytes, Vectors]) -> None:
        self._recent = dict([*self._recent.items(), *made.items()][-RECENT:])
        try:
            with self._opened() as connection:
                rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in made.items()]
                connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error:
            return

    def _opened(self) -> "_Opened":
        return _Opened(self._path)


class _Opened:
    """A connection that is committed and closed at the end of the block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(self._path, timeout=10)
        enable_wal(self._connection.execute)
        self._connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.commit()
        self._connection.close()
