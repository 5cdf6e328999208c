"""The earlier decisions of a stored account, from the run store."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar
from ..ledger.model.events import Event
from .accounts.account_performance import unit_values
from .decision_history import FRACTION_DIGITS, AccountFigures, KeptDecision, kept_decision
from .records.run_store import RunStore


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """Implements `DecisionHistory` for the account `account`; `figures` are those of its sessions, see `figures_of`."""

    runs: RunStore
    account: str
    calendar: TradingCalendar
    figures: Mapping[date, AccountFigures]

    def past(self, symbol: Symbol, before: datetime, count: int) -> Sequence[KeptDecision]:
        """Return the submitted decisions of the account on the symbol; of two at one moment the last run counts."""
        found = self.runs.submitted_decisions(self.account, symbol, before, count)
        return [kept_decision(each, self._at(each.as_of)) for each in found]

    def _at(self, as_of: datetime) -> AccountFigures | None:
        """Return the figures of the last session of the account that was complete at `as_of`."""
        sessions = sorted(self.figures)
        place = bisect_right(sessions, self.calendar.last_completed(as_of)) - 1
        return self.figures[sessions[place]] if place >= 0 else None


def figures_of(events: Sequence[Event]) -> dict[date, AccountFigures]:
    """Return the figures of every session of a journal; deposits and withdrawals do not count as returns."""
    return {
        date.fromisoformat(each.session): AccountFigures(
            each.equity, Decimal(repr(each.units - 1)).quantize(FRACTION_DIGITS)
        )
        for each in unit_values(events)
    }
