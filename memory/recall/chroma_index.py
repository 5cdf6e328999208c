"""A persistent Chroma index over all tickers of a namespace, rebuilt from the journal if it is inconsistent.

The index only proposes candidates. They pass the same visibility rule and scoring as in an exact search, so a stale
index, or one with later records, costs time but not correctness. Range filters are slow in Chroma and are not used:
more candidates than needed are requested, and if too few remain, the exact search is used.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ...domain.errors import ConfigError
from ...llm.embeddings.port import Vectors
from ..partitions.partition import quantize
from ..record import Namespace

BATCH = 1_000
_PAGE = 1_000


class Collection(Protocol):
    """The methods of a Chroma collection used here."""

    metadata: dict[str, Any] | None

    def count(self) -> int: ...

    def get(self, *, limit: int, offset: int, include: list[str]) -> dict[str, Any]: ...

    def query(self, *, query_embeddings: Any, n_results: int, include: list[str]) -> dict[str, Any]: ...

    def upsert(self, *, ids: list[str], embeddings: Any) -> None: ...


class ChromaIndex:
    """One collection per namespace and embedder, in a folder or on a `chroma run` server.

    Only the holder of the store's writer lock writes: Chroma loses vectors if several processes write.
    """

    def __init__(self, where: str, embedder: str, notice: Callable[[str], None]) -> None:
        self._where, self._embedder, self._notice = where, embedder, notice
        self._client: Any = None

    def close(self) -> None:
        """Close the folder or the connection."""
        client, self._client = self._client, None
        if client is not None:
            halves = (client, getattr(client, "_admin_client", None))
            sessions = [getattr(getattr(half, "_server", None), "_session", None) for half in halves]
            client.close()
            for session in sessions:  # the HTTP client of Chroma leaves both of its connections open
                if session is not None:
                    session.close()

    @property
    def remote(self) -> bool:
        return self._where.startswith(("http://", "https://"))

    def nearest(self, namespace: Namespace, dimensions: int, asked: Vectors, count: int) -> list[int] | None:
        """Return the rows of about `count` records nearest to each of the vectors `asked`; None if the index fails."""
        try:
            found = self._found(namespace, dimensions)
            if found is None or not (held := found.count()):
                return None
            wanted = max(1, min(count, held))
            answer = found.query(query_embeddings=asked.tolist(), n_results=wanted, include=[])
        except Exception as error:  # noqa: BLE001
            self._notice(f"the memory index is unavailable ({_summary(error)}); using exact search")
            return None
        return sorted({int(each) for ids in answer["ids"] for each in ids})

    def stored_ids(self, namespace: Namespace, dimensions: int) -> int:
        """Return how many records of a namespace are indexed; resets a local index that cannot be read."""
        try:
            found = self._found(namespace, dimensions)
            return 0 if found is None else found.count()
        except Exception as error:  # noqa: BLE001
            self._start_anew(error)
            return 0

    def add(self, namespace: Namespace, rows: Sequence[int], vectors: Vectors) -> None:
        """Index records in batches; records that are indexed already are overwritten with the same vectors."""
        collection = self._client_here().get_or_create_collection(
            self.name(namespace, vectors.shape[1]), embedding_function=None, metadata={"hnsw:space": "ip"}
        )
        for first in range(0, len(rows), BATCH):
            part = slice(first, first + BATCH)
            collection.upsert(ids=[str(row) for row in rows[part]], embeddings=np.ascontiguousarray(vectors[part]))

    def drop(self, namespace: Namespace, dimensions: int) -> None:
        """Delete the collection of a namespace."""
        try:
            if self._found(namespace, dimensions) is not None:
                self._client_here().delete_collection(self.name(namespace, dimensions))
        except Exception as error:  # noqa: BLE001
            self._start_anew(error)

    def differences(self, namespace: Namespace, rows: Sequence[int], vectors: Vectors) -> list[int]:
        """Return the rows whose indexed vectors are missing, different from the journal's, or not in the journal."""
        indexed: dict[int, Any] = {}
        found = self._found(namespace, vectors.shape[1])
        for offset in range(0, found.count() if found else 0, _PAGE):
            page = found.get(limit=_PAGE, offset=offset, include=["embeddings"]) if found else {}
            indexed |= dict(zip(map(int, page["ids"]), page["embeddings"], strict=True))
        ours = dict(zip(rows, vectors, strict=True))
        strange = [row for row in indexed if row not in ours]
        return strange + [row for row in ours if row not in indexed or not _vectors_match(ours[row], indexed[row])]

    def name(self, namespace: Namespace, dimensions: int) -> str:
        """Return the name of a collection: embedder, version, dimensions, and a hash of the namespace."""
        space = "\x1f".join((namespace.workspace, namespace.run, namespace.branch, namespace.agent))
        plain = re.sub(r"[^A-Za-z0-9-]+", "-", self._embedder).strip("-")[:60]
        return f"memory.{plain}.{dimensions}.{hashlib.sha256(space.encode()).hexdigest()[:16]}"

    def _found(self, namespace: Namespace, dimensions: int) -> Collection | None:
        from chromadb.errors import NotFoundError  # noqa: PLC0415 -- importing takes two seconds and is rarely needed

        try:
            found: Collection = self._client_here().get_collection(
                self.name(namespace, dimensions), embedding_function=None
            )
        except NotFoundError:
            return None
        return found

    def _client_here(self) -> Any:
        if self._client is None:
            self._client = self._connected()
        return self._client

    def _connected(self) -> Any:
        import chromadb  # noqa: PLC0415
        from chromadb.config import Settings  # noqa: PLC0415

        quiet = Settings(anonymized_telemetry=False)
        if not self.remote:
            return chromadb.PersistentClient(path=self._where, settings=quiet)
        address = re.fullmatch(r"(https?)://([^:/@]+)(?::(\d+))?/?", self._where)
        if address is None:
            raise ConfigError(
                f"the memory index address {self._where!r} is invalid; use one such as http://localhost:8000"
            )
        scheme, host, port = address.groups()
        secure = scheme == "https"
        try:
            number = int(port or (443 if secure else 8000))
            return chromadb.HttpClient(host=host, port=number, ssl=secure, settings=quiet)
        except Exception as error:
            raise ConfigError(
                f"cannot connect to the memory index at {self._where} ({_summary(error)}); start `chroma run`"
            ) from error

    def _start_anew(self, error: Exception) -> None:
        """Delete an index folder that cannot be read; raises ConfigError for a remote index."""
        if isinstance(error, ConfigError):
            raise error
        if self.remote:
            raise ConfigError(
                f"cannot connect to the memory index at {self._where} ({_summary(error)}); start `chroma run`"
            ) from error
        self._notice(
            f"the memory index {self._where} cannot be read ({_summary(error)}); rebuilding it from the journal"
        )
        self._client = None
        _forget_clients()
        shutil.rmtree(self._where, ignore_errors=True)


def _vectors_match(ours: Any, indexed: Any) -> bool:
    """Compare vectors in storage format, because JSON transport loses the last digits of a float."""
    return bool(np.array_equal(quantize(np.asarray(ours)), quantize(np.asarray(indexed, np.float32))))


def _forget_clients() -> None:
    """Clear Chroma's client cache, which keeps one system for each path, so that the folder is reopened."""
    from chromadb.api.shared_system_client import SharedSystemClient  # noqa: PLC0415

    SharedSystemClient.clear_system_cache()


def _summary(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
