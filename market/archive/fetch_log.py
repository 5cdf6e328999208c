"""The log of fetches: one entry for each question to a vendor."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..folder.layout import DatasetKind


class FetchOutcome(StrEnum):
    """How a question to a vendor ended."""

    ROWS = "rows"
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class FetchLog:
    """One question to one vendor and how it ended.

    Attributes:
        since, until: the window that the answer is for; no vendor had answered for it before.
        reach: up to where the answer settles that window: a row that turns up later was not there.
        reason: why there was no answer; empty where there was one.
        number: place in the log, which grows with every fetch; 0 for one that is not archived yet.
    """

    kind: DatasetKind
    key: str
    origin: str
    since: datetime
    until: datetime
    asked_at: datetime
    outcome: FetchOutcome
    reach: datetime
    rows: int = 0
    reason: str = ""
    number: int = field(default=0, compare=False)

    @property
    def answered(self) -> bool:
        """Whether the vendor returned all rows that it has."""
        return self.outcome in (FetchOutcome.ROWS, FetchOutcome.NOTHING)

    @property
    def failed(self) -> bool:
        """Whether the vendor could not be asked, or was not understood."""
        return self.outcome in (FetchOutcome.UNAVAILABLE, FetchOutcome.BAD)
