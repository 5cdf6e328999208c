"""Orders that hang together: parents bring exits to life, exits cancel each other."""

from collections.abc import Iterable

from ..model.order import OrderState, OrderStatus, RejectReason
from ..model.order_events import OrderActivated, OrderCanceled, OrderExpired, OrderReduced
from .recorder import EventRecorder


def cancel(recorder: EventRecorder, order: OrderState, reason: RejectReason) -> None:
    """Cancel an order, and the exits that would have waited for it in vain."""
    recorder.record(OrderCanceled(order.terms.order_id, reason))
    _waiting_exits(recorder, order)


def expire(recorder: EventRecorder, order: OrderState) -> None:
    """Let an order expire, and cancel the exits that would have waited for it in vain."""
    recorder.record(OrderExpired(order.terms.order_id))
    _waiting_exits(recorder, order)


def _waiting_exits(recorder: EventRecorder, parent: OrderState) -> None:
    if not parent.filled:
        for child in _children(recorder, parent):
            recorder.record(OrderCanceled(child.terms.order_id, RejectReason.PARENT_ENDED))


def _children(recorder: EventRecorder, parent: OrderState) -> list[OrderState]:
    orders = recorder.book.orders
    ids = recorder.book.children.get(parent.terms.order_id, ())
    return [orders[order_id] for order_id in ids if not orders[order_id].ended]


def siblings(recorder: EventRecorder, order: OrderState) -> list[OrderState]:
    """Return the living orders that this one cancels."""
    group = order.terms.group
    if group is None:
        return []
    orders = recorder.book.orders
    return [
        orders[each] for each in recorder.book.groups[group] if not orders[each].ended and orders[each] is not order
    ]


def stop_entry(recorder: EventRecorder, order: OrderState) -> None:
    """Stop an entry that is still filling once one of its exits fills."""
    parent = recorder.book.orders.get(order.terms.parent or "")
    if parent is not None and not parent.ended:
        recorder.record(OrderCanceled(parent.terms.order_id, RejectReason.EXIT_FILLED))


def after_fill(recorder: EventRecorder, order: OrderState, quantity: int, child_bar: int) -> bool:
    """Shrink or cancel the siblings of a filled order and bring its exits to life from `child_bar` on.

    Returns whether an exit came to life or grew.
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
        grown = order.filled if waits else child.quantity + quantity  # it may have been cut since it came to life
        recorder.record(OrderActivated(child.terms.order_id, grown, child_bar if waits else child.first_bar))
    return bool(exits)


def _left_reserved(sibling: OrderState, quantity: int) -> int | None:
    """Return what a leg of an opening pair goes on reserving once its quantity is this; exits reserve nothing."""
    if not sibling.reserved:
        return None
    return sibling.reserved * (quantity - sibling.filled) // sibling.remaining


def cap_exits(recorder: EventRecorder, exits: Iterable[OrderState], held: int) -> None:
    """Keep the resting exits of one symbol within the signed position `held` that is left to close.

    Exits without a position on their other side end. Those that protect entries share what is held, the youngest entry
    first: what was bought first is sold first.
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
