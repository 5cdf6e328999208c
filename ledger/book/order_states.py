"""Apply order events: status, quantities, price levels, reservations and claims."""

from collections.abc import Callable
from typing import Any

from ...domain.errors import LedgerError
from ..model.order import OrderState, OrderStatus
from ..model.order_events import (
    OrderAccepted,
    OrderActivated,
    OrderAdjusted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReduced,
    OrderRefusal,
    OrderReplaced,
    StopTriggered,
    TrailingStopMoved,
)
from .book import Book


def reindex(book: Book, order: OrderState, reserved: int) -> None:
    """Update the order's reservation and claim; both are 0 once it has ended.

    The exits of an entry claim no quantity, so that other orders can close the position earlier.
    """
    terms, remaining = order.terms, order.remaining
    reserved = reserved if remaining else 0
    if reserved != order.reserved:
        book.reserved += reserved - order.reserved
        order.reserved = reserved
    if terms.closing:
        claims = order.status is not OrderStatus.HELD and not terms.parent and terms.group in (None, terms.order_id)
        claimed = remaining if claims else 0
        book.reserved_for_exit[terms.symbol] = book.reserved_for_exit.get(terms.symbol, 0) + claimed - order.claimed
        order.claimed = claimed


def _accepted(book: Book, event: OrderAccepted) -> None:
    terms = event.terms
    status = OrderStatus.HELD if event.held else OrderStatus.OPEN
    order = OrderState(terms, book.queue, status, event.first_bar, book.rules.limit_through)
    if event.stop is not None:
        order.update_levels(None, event.stop)
    book.queue += 1
    book.orders[terms.order_id] = book.open_orders[terms.order_id] = order
    if not terms.parent:
        book.newest[terms.symbol] = order
    if terms.parent:
        book.children.setdefault(terms.parent, []).append(terms.order_id)
    if event.held and terms.awaits is not None:
        book.waiting[terms.symbol] = (*book.waiting.get(terms.symbol, ()), terms.order_id)
    if terms.group:
        book.groups.setdefault(terms.group, []).append(terms.order_id)
    if terms.slice_of is not None:
        _add_slice(book, terms.slice_of, terms.order_id)
    if terms.closing:
        reindex(book, order, event.reserved)
    else:
        order.reserved = event.reserved
        book.reserved += event.reserved


def _stop_waiting(book: Book, order: OrderState) -> None:
    """Remove an order that no longer awaits an exit."""
    terms = order.terms
    if terms.awaits is None or order.status is not OrderStatus.HELD:
        return
    left = tuple(each for each in book.waiting[terms.symbol] if each != terms.order_id)
    if left:
        book.waiting[terms.symbol] = left
    else:
        del book.waiting[terms.symbol]


def _add_slice(book: Book, parent: str, order_id: str) -> None:
    book.slices[parent] = (*book.slices.get(parent, ()), order_id)


def _refused(book: Book, event: OrderRefusal) -> None:
    order = OrderState(event.terms, book.queue, OrderStatus.REJECTED, book.bar + 1, book.rules.limit_through)
    order.reason, order.refused_exits = event.reason, event.exits
    book.queue += 1
    book.orders[event.terms.order_id] = order
    book.refused.append(event.terms.order_id)
    if event.terms.slice_of is not None:
        _add_slice(book, event.terms.slice_of, event.terms.order_id)
    if not event.terms.parent:
        book.newest[event.terms.symbol] = order


def _replaced(book: Book, event: OrderReplaced) -> None:
    order = book.orders[event.order_id]
    order.quantity, order.trail, order.first_bar = event.quantity, event.trail, event.first_bar
    order.seq = book.queue
    book.queue += 1
    if not order.terms.parent:
        book.newest[order.terms.symbol] = order
    order.update_levels(event.limit, event.stop)
    reindex(book, order, event.reserved)


def _adjusted(book: Book, event: OrderAdjusted) -> None:
    order = book.orders[event.order_id]
    order.quantity, order.filled, order.trail = event.quantity, event.filled, event.trail
    order.update_levels(event.limit, event.stop)
    reindex(book, order, order.reserved)


def _activated(book: Book, event: OrderActivated) -> None:
    order = book.orders[event.order_id]
    order.quantity = event.quantity
    if order.status is OrderStatus.HELD:
        if order.terms.awaits is not None and book.quantity(order.terms.symbol):
            raise LedgerError(f"entry {event.order_id} became active before the position it awaits was closed")
        _stop_waiting(book, order)
        order.first_bar = event.first_bar
        order.transition(OrderStatus.OPEN)
    reindex(book, order, order.reserved if event.reserved is None else event.reserved)


def _reduced(book: Book, event: OrderReduced) -> None:
    order = book.orders[event.order_id]
    order.quantity = event.quantity
    reindex(book, order, order.reserved if event.reserved is None else event.reserved)


def _triggered(book: Book, event: StopTriggered) -> None:
    book.orders[event.order_id].triggered = True


def _ratcheted(book: Book, event: TrailingStopMoved) -> None:
    order = book.orders[event.order_id]
    order.update_levels(order.levels.limit, event.stop)


def _canceled(book: Book, event: OrderCanceled) -> None:
    order = book.orders[event.order_id]
    _stop_waiting(book, order)
    order.transition(OrderStatus.CANCELED, event.reason)
    reindex(book, order, 0)


def _expired(book: Book, event: OrderExpired) -> None:
    order = book.orders[event.order_id]
    _stop_waiting(book, order)
    order.transition(OrderStatus.EXPIRED)
    reindex(book, order, 0)


def filled(book: Book, event: OrderFilled) -> None:
    """Apply a fill to its order and reduce the reservation in proportion to the remaining quantity."""
    order = book.orders[event.order_id]
    before = order.remaining
    order.filled += event.quantity
    order.value += event.value
    order.commission += event.commission
    order.transition(OrderStatus.FILLED if order.filled == order.quantity else OrderStatus.PARTIAL)
    reindex(book, order, order.reserved * order.remaining // before)


ORDER_FOLDS: dict[type, Callable[[Book, Any], None]] = {
    OrderAccepted: _accepted,
    OrderRefusal: _refused,
    OrderReplaced: _replaced,
    OrderAdjusted: _adjusted,
    OrderActivated: _activated,
    OrderReduced: _reduced,
    StopTriggered: _triggered,
    TrailingStopMoved: _ratcheted,
    OrderCanceled: _canceled,
    OrderExpired: _expired,
}
