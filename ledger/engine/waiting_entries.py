"""Entries that await an exit: when they become active, and when they end unfilled."""

from dataclasses import replace

from ...domain.orders import TimeInForce
from ..book.book import Book
from ..book.margin import buying_power
from ..model.bar_time import BarTime
from ..model.order import OrderState, OrderStatus, RejectReason
from ..model.order_events import OrderActivated
from ..orders.contingent import cancel, expire, waiting_entries
from ..orders.recorder import EventRecorder
from ..orders.validation import ValidationContext, order_requirement


def release_after_fill(recorder: EventRecorder, symbol: str, step: BarTime, price: int, *, at_open: bool) -> bool:
    """Activate the waiting entries of `symbol` after a fill at `price`, in ticks, if it made the position flat.

    After a fill at the open they can fill on the same bar, else from the next bar on. Returns whether an entry was
    activated that can fill on the same bar.
    """
    book = recorder.book
    if symbol not in book.waiting or book.quantity(symbol):
        return False
    return _release(recorder, symbol, book.bar + (1 if at_open else 2), step, price) and at_open


def _release(recorder: EventRecorder, symbol: str, first_bar: int, step: BarTime, price: int | None = None) -> bool:
    """Activate the entries whose awaited exit is done, for bars from `first_bar` on; return whether any is.

    An entry is canceled if its exit ended with shares left to close, or if the position is not flat once the exit is
    done. A day entry of the session of `step` keeps waiting if its first bar is after it, and expires with it.
    """
    book, released = recorder.book, False
    for entry in waiting_entries(book, symbol):
        if entry.ended or any(not part.ended for part in book.parts(entry.terms.awaits or "")):
            continue
        if reason := _obstacle(book, entry):
            cancel(recorder, entry, reason)
        elif first_bar <= book.bar + 1 or not _ends_with(entry, step, book):
            released = _activate(recorder, entry, first_bar, price) or released
    return released


def settle_waiting(recorder: EventRecorder, step: BarTime) -> None:
    """At the end of a bar, expire the waiting day entries of a session that is over, and activate those that can be."""
    book = recorder.book
    for symbol in list(book.waiting):
        for entry in waiting_entries(book, symbol):
            if _ends_with(entry, step, book):
                expire(recorder, entry)
        _release(recorder, symbol, book.bar + 2, step)


def _ends_with(entry: OrderState, step: BarTime, book: Book) -> bool:
    """Return whether the bar `step` is the last of a day entry; around the clock its day can be the next session."""
    return step.last and entry.terms.tif is TimeInForce.DAY and entry.first_bar <= book.bar + 1


def _obstacle(book: Book, entry: OrderState) -> RejectReason | None:
    """Return why an entry whose exit has ended cannot become active, or None."""
    parts = book.parts(entry.terms.awaits or "")
    if not all(part.status is OrderStatus.FILLED or part.reason is RejectReason.NOTHING_TO_CLOSE for part in parts):
        return RejectReason.PARENT_ENDED
    return RejectReason.WRONG_INTENT if book.quantity(entry.terms.symbol) else None


def _activate(recorder: EventRecorder, entry: OrderState, first_bar: int, price: int | None) -> bool:
    """Activate an entry with the reservation of an order of its own, as far as the buying power allows.

    Its fill is checked against the buying power again.
    """
    book, terms, levels = recorder.book, entry.terms, entry.levels
    context = ValidationContext(book, book.marks.get(terms.symbol) if price is None else price, None)
    now = replace(terms, quantity=entry.remaining, limit=levels.limit, stop=levels.stop)
    needed = order_requirement(context, book.instruments[terms.symbol], now)
    if isinstance(needed, RejectReason):
        cancel(recorder, entry, needed)
        return False
    reserved = min(needed, max(0, buying_power(book) + entry.reserved))
    recorder.record(OrderActivated(terms.order_id, entry.quantity, max(entry.first_bar, first_bar), reserved))
    return True
