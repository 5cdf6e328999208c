"""Interfaces of the memory store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..domain.ids import Symbol
from .record import (
    Aspect,
    Event,
    Layer,
    MemoryId,
    Namespace,
    Record,
    Source,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A memory query of one role.

    Attributes:
        texts: descriptions of the current situation, for one or several horizons; the best match of any text counts.
        symbol: the ticker; None searches all tickers, for analogies.
        aspects, sources: only memories with these aspects and from these sources.
        tokens: token budget of the result (UTF-8 bytes / 4; a long text counts as its excerpt).
        limit: maximum number of memories.
        exclude_known_at: availability times of the evidence already in the context; memories from external sources
            that became available at exactly these times are excluded before ranking.
    """

    texts: tuple[str, ...]
    symbol: Symbol | None
    aspects: frozenset[Aspect]
    tokens: int = 600
    limit: int = 8
    sources: frozenset[Source] = frozenset(Source)
    exclude_known_at: frozenset[datetime] = frozenset()


@dataclass(frozen=True, slots=True)
class RecalledRecord:
    """A recalled memory with its layer and the parts of its score.

    `parts` holds relevance, recency, strength and outcome, each in [0, 1]; `score` is their weighted sum. `excerpt` is
    the text to show, truncated if it is too long.
    """

    record: Record
    layer: Layer
    score: float
    parts: Mapping[str, float]
    excerpt: str = ""


class MemoryView(Protocol):
    """Read-only memory of one agent: the records known and learned by `as_of`, and nothing later.

    Every result is checked again before it is returned; a record that must not be visible raises LookAheadError. Reads
    have no side effects, and the same query always returns the same result.
    """

    @property
    def as_of(self) -> datetime: ...

    @property
    def seq(self) -> int:
        """Return the number of the last journal row visible to this view; it is stored with a decision."""
        ...

    def recall(self, query: Query) -> tuple[RecalledRecord, ...]:
        """Return the recalled memories, best first, within the limits of `query`; may be empty."""
        ...

    async def prepare(self, query: Query) -> None:
        """Obtain the vectors of a query without blocking the event loop, so that `recall` does not wait for them.

        Raises ModelError as the embedder does.
        """
        ...

    def records(self, symbol: Symbol | None = None, *, sources: Sequence[Source] = tuple(Source)) -> tuple[Record, ...]:
        """Return every visible record about `symbol` (None: any) from `sources`, oldest first."""
        ...

    def due_theses(self, symbol: Symbol) -> tuple[Record, ...]:
        """Return the theses on `symbol` that are due by `as_of` and have no reflection yet."""
        ...


class MemoryStore(Protocol):
    """Persistent memory store. One process writes at a time; a second writer raises StoreLocked."""

    async def prepare(self, records: Sequence[Record]) -> None:
        """Obtain the vectors of new records without blocking the event loop, so that `write` does not wait for them.

        Raises ModelError as the embedder does.
        """
        ...

    def at(self, as_of: datetime, namespace: Namespace, *, base: Namespace | None = None) -> MemoryView:
        """Return the view of `namespace` at `as_of`, including the records of the read-only namespace `base`."""
        ...

    def write(self, records: Sequence[Record], events: Sequence[Event] = ()) -> tuple[MemoryId, ...]:
        """Write records and events in one transaction, and return the records' ids in their order.

        A record that exists already is not written again. Raises InvalidData for empty text, for an event
        about an unknown record, and for a record that would be available before it happened, before its outcome or
        before its sources.
        """
        ...
