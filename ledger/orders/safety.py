"""The safety states of an account: ACTIVE, REDUCING (orders that reduce a position only) and HALTED (no new orders)."""

from collections.abc import Iterable

from ..book.book import Book
from ..model.events import AccountHalted, AccountReducing, AccountResumed
from ..model.order import OrderState, RejectReason
from .contingent import cancel, siblings
from .recorder import EventRecorder


def reduce_only(recorder: EventRecorder, reason: str) -> None:
    """Accept only orders that reduce a position, and cancel the resting entries; a halted account stays halted."""
    if recorder.book.halted is None:
        if recorder.book.reducing is None:
            recorder.record(AccountReducing(reason))
        cancel_entries(recorder)


def halt(recorder: EventRecorder, reason: str, *, cancel_all: bool) -> None:
    """Reject all new orders and cancel the resting entries; with `cancel_all`, cancel the resting exits too.

    Orders of a forced liquidation stay. Repeating it keeps the first reason.
    """
    if recorder.book.halted is None:
        recorder.record(AccountHalted(reason))
    cancel_entries(recorder)
    if cancel_all:
        _cancel(recorder, (order for order in recorder.book.live_orders() if not order.terms.forced))


def resume(recorder: EventRecorder, reason: str) -> None:
    """Accept all orders again; an active account is unchanged."""
    book = recorder.book
    if book.halted is not None or book.reducing is not None:
        recorder.record(AccountResumed(reason))


def cancel_entries(recorder: EventRecorder) -> None:
    """Cancel the live orders that open or increase a position, with their held exits."""
    _cancel(recorder, (order for order in recorder.book.live_orders() if not order.terms.closing))


def cancel_barred_entries(recorder: EventRecorder) -> None:
    """Cancel the entries that rest in an account that accepts none, left by a version that did not cancel them."""
    if accepts_entries(recorder.book):
        return
    cancel_entries(recorder)


def accepts_entries(book: Book) -> bool:
    """Return whether the account is neither halted nor reducing."""
    return book.halted is None and book.reducing is None


def cancel_linked(recorder: EventRecorder, order: OrderState, reason: RejectReason) -> None:
    """Cancel an order with its siblings and held exits."""
    for each in (order, *siblings(recorder, order)):
        cancel(recorder, each, reason)


def _cancel(recorder: EventRecorder, orders: Iterable[OrderState]) -> None:
    reason = RejectReason.REDUCING if recorder.book.halted is None else RejectReason.HALTED
    for order in orders:
        if not order.ended:
            cancel_linked(recorder, order, reason)
