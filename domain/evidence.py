"""Evidence: citable facts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .ids import EvidenceId


class EvidenceKind(StrEnum):
    """The kind of a fact."""

    PRICE = "price"
    INDICATOR = "indicator"
    CORPORATE_ACTION = "corporate_action"
    NEWS = "news"
    SENTIMENT = "sentiment"
    STATEMENT = "statement"
    RATIO = "ratio"
    MACRO = "macro"
    CALENDAR = "calendar"
    FILING = "filing"
    PROFILE = "profile"
    INSIDER = "insider"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A citable fact.

    Attributes:
        id: short id, unique within a decision and stable for the same fact: `tech.rsi14`, `news.3f2a9c01`.
        source: origin of the fact: a file, a vendor, or the name of the market data source.
        known_at: the latest `known_at` of all inputs.
        text: one line that states the fact with its unit. External text is quoted as data, never as an instruction.
        value: the numeric value in the unit that `text` names; None for other facts.
    """

    id: EvidenceId
    kind: EvidenceKind
    source: str
    known_at: datetime
    text: str
    value: Decimal | None = None
