"""Replacement of a live order's terms."""

from collections.abc import Callable
from dataclasses import replace

from ...domain.errors import OrderRejected
from ...domain.orders import OrderType
from ..book.book import Book
from ..model.order import (
    OrderState,
    OrderStatus,
    OrderTerms,
    RejectReason,
)
from ..model.order_events import OrderReplaced
from ..model.order_request import OrderRequest
from .validation import (
    MAX_PRICE,
    ValidationContext,
    exit_level_error,
    required_buying_power,
    validate,
)


def replace_terms(
    context: ValidationContext,
    order: OrderState,
    quantity: int | None,
    limit: int | None,
    stop: int | None,
    first_bar: int,
) -> OrderReplaced:
    """Return the event that replaces an order's terms from bar `first_bar` on, or its own if later; None keeps a term.

    The order moves to the back of the queue and keeps its exits. Only the prices of an exit or OCO leg can be
    replaced, since its quantity depends on the linked orders. Raises OrderRejected, with the reason, when the order has
    ended or the new terms are not accepted.
    """
    order_id, levels = order.terms.order_id, order.levels
    if order.ended:
        raise OrderRejected(f"order {order_id} is {order.status} and keeps its terms; submit a new one")
    quantity = order.quantity if quantity is None else quantity
    limit, stop = levels.limit if limit is None else limit, levels.stop if stop is None else stop
    if quantity != order.quantity and (order.terms.parent or order.terms.group):
        raise OrderRejected(f"the quantity of order {order_id} depends on its linked orders; replace its prices only")
    if quantity <= order.filled:
        raise OrderRejected(f"order {order_id} has filled {order.filled} already; cancel it instead")
    terms = _terms(order, quantity - order.filled, limit, stop)
    if order.terms.type is OrderType.TRAILING_STOP and not _follows(order) and (wrong := _level(context, order, stop)):
        raise OrderRejected(f"order {order_id} keeps its terms: its stop cannot be {stop} ({wrong})")
    answer = _as_leg(context, order, terms) if _follows(order) else _revalidate(context, order, terms)
    if isinstance(answer, RejectReason):
        raise OrderRejected(f"order {order_id} keeps its terms: the new ones are refused ({answer})")
    return OrderReplaced(order_id, quantity, limit, stop, order.trail, answer, max(order.first_bar, first_bar))


def _terms(order: OrderState, quantity: int, limit: int | None, stop: int | None) -> OrderTerms:
    """Return the new terms as if submitted now; a triggered stop-limit becomes a limit order.

    `lots` is left empty, so that validation ignores lots that the order has closed already. The order keeps its lots.
    """
    awaits = order.terms.awaits if order.status is OrderStatus.HELD else None
    now = replace(order.terms, quantity=quantity, limit=limit, stop=stop, lots=(), awaits=awaits)
    if order.triggered and order.terms.type is OrderType.STOP_LIMIT:
        return replace(now, type=OrderType.LIMIT, stop=None)
    if order.terms.type is OrderType.TRAILING_STOP and not _follows(order):
        return replace(now, stop=None)
    return now


def _level(context: ValidationContext, order: OrderState, stop: int | None) -> RejectReason | None:
    """Return why a new level of a trailing stop is invalid, or None; its current level is always valid."""
    if stop is None or stop == order.levels.stop:
        return None
    if not 0 < stop <= MAX_PRICE * context.book.instruments[order.terms.symbol].price_scale:
        return RejectReason.BAD_PRICE
    passed = context.reference is not None and order.terms.sign * (stop - context.reference) <= 0
    return RejectReason.WRONG_SIDE if passed else None


def _follows(order: OrderState) -> bool:
    """Return whether an order is an exit or the second leg of an OCO pair, which claims no quantity."""
    return order.terms.parent is not None or order.terms.group not in (None, order.terms.order_id)


def _as_leg(context: ValidationContext, order: OrderState, terms: OrderTerms) -> RejectReason | int:
    """Validate new terms of an exit or OCO leg and return its reservation, or the reason against it.

    The terms are checked against the form, the market or the entry of a held exit, and the other legs. The buying
    power of an opening leg is checked for the pair.
    """
    book, instrument = context.book, context.book.instruments[terms.symbol]
    entry = context.reference
    parent = book.orders.get(terms.parent or "")
    if order.status is OrderStatus.HELD and parent is not None:
        entry = parent.levels.limit or parent.levels.stop or entry
    others = [_current_terms(book, each) for each in book.groups.get(terms.group or "", []) if each != terms.order_id]
    if reason := exit_level_error(instrument, terms, entry, others, waits=order.status is OrderStatus.HELD):
        return reason
    return (
        0
        if terms.closing
        else _validate_pair_leg(book, order, lambda: required_buying_power(context, instrument, terms, *others))
    )


def _revalidate(context: ValidationContext, order: OrderState, terms: OrderTerms) -> RejectReason | int:
    """Validate new terms with the order's exits, as if the order were absent; return the reservation or the reason."""
    book, symbol = context.book, terms.symbol
    legs = (*book.children.get(terms.order_id, ()), *book.groups.get(terms.group or "", ()))
    exits = [_current_terms(book, each) for each in legs if each != terms.order_id and not book.orders[each].ended]
    book.reserved_for_exit[symbol] = book.reserved_for_exit.get(symbol, 0) - order.claimed
    try:
        return _validate_pair_leg(book, order, lambda: validate(context, OrderRequest(terms, tuple(exits))))
    finally:
        book.reserved_for_exit[symbol] += order.claimed


def _validate_pair_leg(book: Book, order: OrderState, judge: Callable[[], RejectReason | int]) -> RejectReason | int:
    """Run `judge` without the reservations of the order and its OCO siblings.

    Returns the reason against the order, or its reservation in excess of the siblings' reservations.
    """
    pair = [book.orders[each] for each in book.groups.get(order.terms.group or "", ()) if each != order.terms.order_id]
    beside = sum(each.reserved for each in pair)
    book.reserved -= order.reserved + beside
    try:
        answer = judge()
    finally:
        book.reserved += order.reserved + beside
    return answer if isinstance(answer, RejectReason) else max(0, answer - beside)


def _current_terms(book: Book, order_id: str) -> OrderTerms:
    """Return the current terms of an order: its remaining quantity and current levels."""
    order = book.orders[order_id]
    return replace(order.terms, quantity=order.remaining, limit=order.levels.limit, stop=order.levels.stop)
