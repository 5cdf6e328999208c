"""Contingent orders: a fill activates exits, an OCO group cancels each other, an entry awaits an exit."""

from collections.abc import Iterable

from ..book.book import Book
from ..model.order import OrderState, OrderStatus, RejectReason
from ..model.order_events import OrderActivated, OrderCanceled, OrderExpired, OrderReduced
from .recorder import EventRecorder


def cancel(recorder: EventRecorder, order: OrderState, reason: RejectReason) -> None:
    """Cancel an order with the entries that await it; if it has no fills, cancel its held exits.

    Entries go on waiting if the order has nothing left to close, since the position was closed by another exit.
    """
    recorder.record(OrderCanceled(order.terms.order_id, reason))
    _waiting_exits(recorder, order)
    if reason is not RejectReason.NOTHING_TO_CLOSE:
        _cancel_waiting(recorder, order)


def expire(recorder: EventRecorder, order: OrderState) -> None:
    """Expire an order and cancel the entries that await it; if it has no fills, cancel its held exits."""
    recorder.record(OrderExpired(order.terms.order_id))
    _waiting_exits(recorder, order)
    _cancel_waiting(recorder, order)


def waiting_entries(book: Book, symbol: str) -> list[OrderState]:
    """Return the held entries of a symbol that await an exit."""
    return [book.orders[each] for each in book.waiting.get(symbol, ())]


def _cancel_waiting(recorder: EventRecorder, exit_order: OrderState) -> None:
    """Cancel the entries that await an exit which ended before the position was closed."""
    terms = exit_order.terms
    for entry in waiting_entries(recorder.book, terms.symbol):
        if entry.terms.awaits in (terms.order_id, terms.slice_of) and not entry.ended:
            cancel(recorder, entry, RejectReason.PARENT_ENDED)


def _waiting_exits(recorder: EventRecorder, parent: OrderState) -> None:
    if not parent.filled:
        for child in _children(recorder, parent):
            recorder.record(OrderCanceled(child.terms.order_id, RejectReason.PARENT_ENDED))


def held_exits(recorder: EventRecorder, entry: OrderState) -> list[OrderState]:
    """Return the exits of an entry that wait for its first fill."""
    return [child for child in _children(recorder, entry) if child.status is OrderStatus.HELD]


def _children(recorder: EventRecorder, parent: OrderState) -> list[OrderState]:
    orders = recorder.book.orders
    ids = recorder.book.children.get(parent.terms.order_id, ())
    return [orders[order_id] for order_id in ids if not orders[order_id].ended]


def siblings(recorder: EventRecorder, order: OrderState) -> list[OrderState]:
    """Return the other orders of the OCO group that have not ended."""
    group = order.terms.group
    if group is None:
        return []
    orders = recorder.book.orders
    return [
        orders[each] for each in recorder.book.groups[group] if not orders[each].ended and orders[each] is not order
    ]


def stop_entry(recorder: EventRecorder, order: OrderState, reason: RejectReason) -> None:
    """Cancel the rest of the entry of an exit that the bar reaches: its parent, and the other slices of the parent."""
    book = recorder.book
    parent = book.orders.get(order.terms.parent or "")
    if parent is None:
        return
    if not parent.ended:
        recorder.record(OrderCanceled(parent.terms.order_id, reason))
    for each in book.slices.get(parent.terms.slice_of or "", ()):
        if not book.orders[each].ended:
            cancel(recorder, book.orders[each], reason)


def after_fill(recorder: EventRecorder, order: OrderState, quantity: int, child_bar: int) -> bool:
    """Reduce or cancel the siblings of a filled order, and activate or increase its exits.

    Activated exits can fill from the bar `child_bar` on. Returns whether an exit was activated or increased.
    """
    for sibling in siblings(recorder, order):
        left = sibling.quantity - quantity
        if left <= sibling.filled:
            recorder.record(OrderCanceled(sibling.terms.order_id, RejectReason.SIBLING_FILLED))
        else:
            recorder.record(OrderReduced(sibling.terms.order_id, left, _left_reserved(sibling, left)))
    exits = _children(recorder, order) if order.terms.order_id in recorder.book.children else []
    for child in exits:
        waits = child.status is OrderStatus.HELD
        grown = order.filled if waits else child.quantity + quantity  # `cap_exits` may have reduced an active exit
        recorder.record(OrderActivated(child.terms.order_id, grown, child_bar if waits else child.first_bar))
    return bool(exits)


def _left_reserved(sibling: OrderState, quantity: int) -> int | None:
    """Return the remaining reservation of a leg of an opening pair, reduced to `quantity`; None for exits."""
    if not sibling.reserved:
        return None
    return sibling.reserved * (quantity - sibling.filled) // sibling.remaining


def cap_exits(recorder: EventRecorder, exits: Iterable[OrderState], held: int) -> None:
    """Limit the resting exits of one symbol to the signed position `held`.

    Exits without a position to close are canceled. The exits of several entries share the position, the newest entry
    first, because earlier purchases are sold first.
    """
    families: dict[str, list[OrderState]] = {}
    for order in sorted(exits, key=lambda order: -order.seq):
        if order.terms.sign * held >= 0:
            cancel(recorder, order, RejectReason.NOTHING_TO_CLOSE)
        elif order.terms.parent:
            families.setdefault(order.terms.parent, []).append(order)
    left = abs(held)
    for legs in families.values():
        kept = min(left, max(leg.remaining for leg in legs))
        left -= kept
        for leg in legs:
            _cut(recorder, leg, kept)


def _cut(recorder: EventRecorder, leg: OrderState, kept: int) -> None:
    if not kept:
        cancel(recorder, leg, RejectReason.NOTHING_TO_CLOSE)
    elif kept < leg.remaining:
        recorder.record(OrderReduced(leg.terms.order_id, leg.filled + kept))
