"""Evidence: a fact that a report may cite."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .ids import EvidenceId


class EvidenceKind(StrEnum):
    """What sort of fact it is."""

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
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A citable fact.

    Attributes:
        id: unique within a case, short, and the same for the same fact: `tech.rsi14`, `news.3f2a9c01`.
        source: where it came from: a file, a vendor, or the name of the market it was computed from.
        known_at: the latest `known_at` of everything it was derived from.
        text: one line that says the fact with its unit. Text from outside is quoted here, never obeyed.
        value: the fact as a number where it is one, in the unit that `text` names.
    """

    id: EvidenceId
    kind: EvidenceKind
    source: str
    known_at: datetime
    text: str
    value: Decimal | None = None
