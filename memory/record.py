"""What is remembered: records and the events that later change what they are worth."""

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
    """What a memory comes from; half-lives go by it."""

    NEWS = "news"
    QUARTERLY = "10-Q"
    ANNUAL = "10-K"
    THESIS = "thesis"
    PRICE_REFLECTION = "price_reflection"
    TRADE_REFLECTION = "trade_reflection"
    BELIEF = "belief"


EXTERNAL_SOURCES = frozenset({Source.NEWS, Source.QUARTERLY, Source.ANNUAL})
"""Sources that quote others; the rest is what the desk itself thought."""


class Aspect(StrEnum):
    """Which kind of information a memory is about; a role recalls the aspects that it works with."""

    PRICE = "price"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"
    MACRO = "macro"
    TRADE = "trade"


class Layer(StrEnum):
    """Where a memory stands: the deeper, the slower it fades."""

    SHORT = "short"
    MID = "mid"
    LONG = "long"
    REFLECTION = "reflection"


@dataclass(frozen=True, slots=True)
class Namespace:
    """Whose memory it is: the market (`workspace`), the account or experiment (`run`), its `branch`, and the desk."""

    workspace: str
    run: str
    branch: str = "main"
    agent: str = "desk"


@dataclass(frozen=True, slots=True)
class Record:
    """One memory, never changed once it is written.

    Attributes:
        event_at: when what it tells of happened.
        available_at: when a participant could know it. Never before `outcome_at`, nor before that of its sources.
        learned_at: the clock of the desk when it was written; in a backtest the simulated one.
        outcome_at: for text that tells how something ended, when that was known; else None.
        due_at: for a thesis, when its outcome should be known; else None.
        surprise: |return| / volatility on the day of publication; zero where it is unknown.
        sources: the memories that it was derived from.
        cites: what a thesis rested on; feedback goes to these.
        facts: numbers that the text states, by name, for rules that cannot read.
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
        """Return a hash of what is remembered, of whom, and of when it was learned: a second try is the same.

        What is learned again at an earlier clock is another record, or that moment could not see it.
        """
        space = self.namespace
        stamps = [at.astimezone(UTC).isoformat() for at in (self.event_at, self.available_at, self.learned_at)]
        whole = [space.workspace, space.run, space.branch, space.agent, self.symbol, self.source, self.aspect]
        text = json.dumps([*whole, self.text, *stamps])
        return MemoryId(hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS])

    def fact(self, name: str) -> Decimal | None:
        """Return the number called `name`, or None where the text states none."""
        return next((value for known, value in self.facts if known == name), None)


class Change(StrEnum):
    """What an event does to a record."""

    FEEDBACK = "feedback"
    SUPERSEDED = "superseded"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Event:
    """That a record became worth more or less, was replaced, or is to be forgotten, from `effective_at` on.

    `gain` is the feedback g of MemoryView's strength formula, zero for the other changes; `cause` is the reflection,
    the belief or the words that it comes from. The same record, change and cause count once.

    `namespace` is the owner: only it, and branches of it, see the change. None
    stands for the record's own. Name it for a record of a base, or of the branch that one's own grew from.
    """

    record: MemoryId
    change: Change
    effective_at: datetime
    cause: str
    gain: float = 0.0
    namespace: Namespace | None = None
