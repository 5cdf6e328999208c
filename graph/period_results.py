"""Results of roles that do not act at every decision: what is kept between decisions, and the port that keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ..agents.agent import AgentResult
from ..domain.ids import RunId


@dataclass(frozen=True, slots=True)
class PeriodTurn:
    """One turn of a role in one period.

    Attributes:
        role: name of the role.
        subject: the symbol that the role works on; the symbols of a book, joined by commas, for a role over the book.
        round: the number of turns that the role's stage had finished.
        period: close of the first session of the week or month, or the time of the event.
    """

    role: str
    subject: str
    round: int
    period: datetime


@dataclass(frozen=True, slots=True)
class KeptResult:
    """A result, with the time `made_at` and the run of the decision that asked the role for it."""

    result: AgentResult
    made_at: datetime
    run_id: RunId


class PeriodResults(Protocol):
    """Keeps results of slow roles. Results of the same turn that were made at different times are kept apart."""

    def last(self, turn: PeriodTurn, as_of: datetime) -> KeptResult | None:
        """Return the result of a turn that was made last at or before `as_of`; None if there is none."""
        ...

    def keep(self, turn: PeriodTurn, kept: KeptResult) -> None:
        """Keep a result. The first result of a turn at one time is kept; a further one changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ProcessPeriodResults:
    """Keeps results within one process."""

    _kept: dict[PeriodTurn, dict[datetime, KeptResult]] = field(default_factory=dict)

    def last(self, turn: PeriodTurn, as_of: datetime) -> KeptResult | None:
        made = self._kept.get(turn, {})
        return made[max(known)] if (known := [at for at in made if at <= as_of]) else None

    def keep(self, turn: PeriodTurn, kept: KeptResult) -> None:
        self._kept.setdefault(turn, {}).setdefault(kept.made_at, kept)
