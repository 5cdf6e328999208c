"""What the desk may ask of memory, and what it may tell it."""

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
    """What a role is reminded by.

    Attributes:
        texts: the situation of today, told for one or several horizons; the best match of any counts.
        symbol: the ticker in question; None asks across all tickers, for analogies.
        aspects, sources: only memories about these, and only from these.
        on_table: moments at which what lies before the asker anyway became known; quotes from outside that became
            known at exactly these are left out, before anything is ranked.
        tokens: how many tokens (bytes in UTF-8 / 4, a long text counting as its excerpt) the answer may have together.
        most: how many memories at the most.
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
    """A recalled memory: its current state, and the parts of its score.

    `parts` holds relevance, recency, strength and outcome, each in [0, 1]; `score` is their weighted sum. `excerpt` is
    what to show: the text, or its beginning where it is too long.
    """

    record: Record
    layer: Layer
    score: float
    parts: Mapping[str, float]
    excerpt: str = ""


class MemoryView(Protocol):
    """Everything that was known and learned at `as_of`, and nothing later. All that an agent ever holds of memory.

    Every answer is checked again before it leaves; one that should not be visible raises LookAheadError. Reading
    changes nothing, and the same question always has the same answer.
    """

    @property
    def as_of(self) -> datetime: ...

    @property
    def seq(self) -> int:
        """Return the number of the last journal row that this view can see; for the record of a decision."""
        ...

    def recall(self, query: Query) -> tuple[RecalledRecord, ...]:
        """Return the recalled memories, best first, within the query's budget; empty where there is nothing."""
        ...

    def records(self, symbol: Symbol | None = None, *, sources: Sequence[Source] = tuple(Source)) -> tuple[Record, ...]:
        """Return every visible record about `symbol` (None: about any) from `sources`, oldest first."""
        ...

    def due_theses(self, symbol: Symbol) -> tuple[Record, ...]:
        """Return the theses on `symbol` whose outcome should be known by now and that no reflection tells of yet."""
        ...


class MemoryStore(Protocol):
    """Keeps memories for good. One process writes at a time; a second writer is refused with a ConfigError."""

    def at(self, as_of: datetime, namespace: Namespace, *, base: Namespace | None = None) -> MemoryView:
        """Return what `namespace` knew at `as_of`, with what the read-only `base` knew then."""
        ...

    def write(self, records: Sequence[Record], events: Sequence[Event] = ()) -> tuple[MemoryId, ...]:
        """Write records and events in one transaction, and return the records' ids in their order.

        A record that is known already is kept as it was first written. Raises InvalidData for empty text, for an event
        about an unknown record, and for a record that would be available before it happened, before its outcome or
        before its sources.
        """
        ...
