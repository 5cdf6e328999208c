"""Confirmation of an outlying bar by a second vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.market import Bar
from ...domain.trading_calendar import TradingCalendar
from ..archive.store import Archive
from ..folder.layout import DatasetKind
from ..folder.row import midnight
from .coverage import Window, recently_requested
from .fallback_chain import FetchRequest, VendorSlot, ask_one
from .fetch_cache import FetchCache
from .outliers import closes_of_others, is_confirmed, unconfirmed


@dataclass(frozen=True, slots=True)
class BarConfirmation:
    """Queries the other vendors of a chain for a bar."""

    slots: Sequence[VendorSlot]
    archive: Archive
    fetches: FetchCache
    now: datetime

    def confirm(self, kind: DatasetKind, bar: Bar, asked: str, sessions: TradingCalendar | None) -> None:
        """Raise InvalidData unless another vendor confirms `bar`; `asked` is the ticker that vendors know it by."""
        if is_confirmed(bar, closes_of_others(self.archive, kind, bar)):
            return
        day, others = midnight(bar.session), [slot for slot in self.slots if slot.name != bar.origin]
        window = Window(day, day + timedelta(days=1))
        question = FetchRequest(kind, bar.symbol, asked, window, day, sessions)
        for slot in others:
            log = [fetch for fetch in self.fetches.refresh(kind, bar.symbol) if fetch.origin == slot.name]
            if not recently_requested(log, window, self.now):
                ask_one(slot, self.archive, question, self.now)
            if is_confirmed(bar, closes_of_others(self.archive, kind, bar)):
                return
        names = ", ".join(slot.name for slot in others) or "no other vendor could be asked"
        raise unconfirmed(kind, bar, names)
