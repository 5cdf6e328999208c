"""Memory records, and the events that later change their strength or visibility."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from ..domain.ids import Symbol

MemoryId = NewType("MemoryId", str)

ID_DIGITS = 16


class Source(StrEnum):
    """Source of a memory; it determines the half-life."""

    NEWS = "news"
    QUARTERLY = "10-Q"
    ANNUAL = "10-K"
    THESIS = "thesis"
    PRICE_REFLECTION = "price_reflection"
    TRADE_REFLECTION = "trade_reflection"
    BELIEF = "belief"


EXTERNAL_SOURCES = frozenset({Source.NEWS, Source.QUARTERLY, Source.ANNUAL})
"""Sources with external texts; all other sources are texts of the desk."""


class Aspect(StrEnum):
    """Kind of information in a memory; a role recalls the aspects that it works with."""

    PRICE = "price"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"
    MACRO = "macro"
    TRADE = "trade"


class Layer(StrEnum):
    """Layer of a memory; deeper layers decay more slowly."""

    SHORT = "short"
    MID = "mid"
    LONG = "long"
    REFLECTION = "reflection"


@dataclass(frozen=True, slots=True)
class Namespace:
    """Owner of a memory: market (`workspace`), account or experiment (`run`), its `branch`, and desk (`agent`)."""

    workspace: str
    run: str
    branch: str = "main"
    agent: str = "desk"


@dataclass(frozen=True, slots=True)
class Record:
    """One memory; immutable once written.

    Attributes:
        event_at: when the described event happened.
        available_at: when a participant could know it; not before `outcome_at`, nor before `available_at` of its
            sources.
        learned_at: the desk's clock at writing; in a backtest the simulated clock.
        outcome_at: for text about an outcome, when the outcome was known; else None.
        due_at: for a thesis, when its outcome should be known; else None.
        surprise: |return| / volatility on the day of publication; zero if unknown.
        sources: the memories that it was derived from.
        cites: the memories that a thesis cites; they receive its feedback.
        facts: numbers stated in the text, by name, for use by rules.
    """

    namespace: Namespace
    symbol: Symbol | None
    source: Source
    aspect: Aspect
    text: str
    event_at: datetime
    available_at: datetime
    learned_at: datetime
    outcome_at: datetime | None = None
    due_at: datetime | None = None
    surprise: float = 0.0
    sources: tuple[MemoryId, ...] = ()
    cites: tuple[MemoryId, ...] = ()
    facts: tuple[tuple[str, Decimal], ...] = ()

    @property
    def id(self) -> MemoryId:
        """Return a hash of namespace, symbol, source, aspect, text and timestamps, so that writes are idempotent.

        The same text learned at an earlier clock is a different record, so that views at that time can see it.
        """
        space = self.namespace
        stamps = [at.astimezone(UTC).isoformat() for at in (self.event_at, self.available_at, self.learned_at)]
        whole = [space.workspace, space.run, space.branch, space.agent, self.symbol, self.source, self.aspect]
        text = json.dumps([*whole, self.text, *stamps])
        return MemoryId(hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS])

    def fact(self, name: str) -> Decimal | None:
        """Return the fact `name`, or None if the record has no such fact."""
        return next((value for known, value in self.facts if known == name), None)


class Change(StrEnum):
    """Effect of an event on a record."""

    FEEDBACK = "feedback"
    SUPERSEDED = "superseded"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Event:
    """Feedback on a record, its replacement or its removal, effective from `effective_at`.

    `gain` is the feedback g of the strength formula (see ExponentialDecay), zero for the other changes. `cause` is the
    id of the reflection or belief, or the text, that it comes from. Of events with the same record, namespace, change
    and cause, the earliest counts, in whatever order they are written.

    `namespace` is the owner of the event: only it and its branches see the change. None means the record's namespace.
    Set it for a record of a base namespace or of a parent branch.
    """

    record: MemoryId
    change: Change
    effective_at: datetime
    cause: str
    gain: float = 0.0
    namespace: Namespace | None = None
