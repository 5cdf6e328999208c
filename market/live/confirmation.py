"""Confirmation of an outlying bar by a second vendor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.market import Bar
from ...domain.trading_calendar import TradingCalendar
from ..archive.store import Archive
from ..folder.layout import DatasetKind
from ..folder.row import midnight
from .coverage import Window, recently_requested
from .fallback_chain import FallbackChain, FetchRequest, StatedTime, ask_one, unstated
from .fetch_cache import FetchCache
from .outliers import closes_of_others, is_confirmed, unconfirmed


@dataclass(frozen=True, slots=True)
class FetchTarget:
    """The query to other vendors: bars of `kind` for the ticker `asked`, on the calendar `sessions`."""

    kind: DatasetKind
    asked: str
    sessions: TradingCalendar


def confirm(
    chain: FallbackChain,
    archive: Archive,
    fetches: FetchCache,
    bar: Bar,
    target: FetchTarget,
    now: datetime,
    stated: StatedTime = unstated,
) -> None:
    """Raise InvalidData unless another vendor confirms `bar`; the other vendors of the chain are queried."""
    kind, day = target.kind, midnight(bar.session)
    if is_confirmed(bar, closes_of_others(archive, kind, bar)):
        return
    slots = [each for each in chain.get(kind, ()) if each.name != bar.origin]
    window = Window(day, day + timedelta(days=1))
    question = FetchRequest(kind, bar.symbol, target.asked, window, day, target.sessions)
    for slot in slots:
        lately = [each for each in fetches.refresh(kind, bar.symbol) if each.origin == slot.name]
        if not recently_requested(lately, window, now):
            ask_one(slot, archive, question, now, stated)
        if is_confirmed(bar, closes_of_others(archive, kind, bar)):
            return
    raise unconfirmed(kind, bar, ", ".join(each.name for each in slots) or "no other vendor could be asked")
