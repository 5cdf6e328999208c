"""New terms for an order that lives, alone or among relatives."""

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
    context: ValidationContext, order: OrderState, quantity: int | None, limit: int | None, stop: int | None
) -> OrderReplaced:
    """Return what gives an order new terms, None keeping the old, and a place at the back of the queue.

    The exits of an entry go on following it. An exit, or a leg of a pair, changes its prices only: its quantity is its
    relatives' matter. Raises OrderRejected, with the reason, when the new terms would not have been taken.
    """
    book, order_id, levels = context.book, order.terms.order_id, order.levels
    if order.ended:
        raise OrderRejected(f"order {order_id} is {order.status} and keeps its terms; submit a new one")
    quantity = order.quantity if quantity is None else quantity
    limit, stop = levels.limit if limit is None else limit, levels.stop if stop is None else stop
    if quantity != order.quantity and (order.terms.parent or order.terms.group):
        raise OrderRejected(f"the quantity of order {order_id} follows its relatives; give it new prices only")
    if quantity <= order.filled:
        raise OrderRejected(f"order {order_id} has filled {order.filled} already; cancel it instead")
    terms = _terms(order, quantity - order.filled, limit, stop)
    if order.terms.type is OrderType.TRAILING_STOP and not _follows(order) and (wrong := _level(context, order, stop)):
        raise OrderRejected(f"order {order_id} keeps its terms: its stop cannot be {stop} ({wrong})")
    answer = _as_leg(context, order, terms) if _follows(order) else _revalidate(context, order, terms)
    if isinstance(answer, RejectReason):
        raise OrderRejected(f"order {order_id} keeps its terms: the new ones are refused ({answer})")
    return OrderReplaced(order_id, quantity, limit, stop, order.trail, answer, max(order.first_bar, book.bar + 1))


def _terms(order: OrderState, quantity: int, limit: int | None, stop: int | None) -> OrderTerms:
    """Return the terms as they would be submitted now; what was triggered has left its stop behind.

    The lots that were named stay named, but it is no matter any more which of them are left: the order may have closed
    them itself.
    """
    now = replace(order.terms, quantity=quantity, limit=limit, stop=stop, lots=())
    if order.triggered and order.terms.type is OrderType.STOP_LIMIT:
        return replace(now, type=OrderType.LIMIT, stop=None)
    if order.terms.type is OrderType.TRAILING_STOP and not _follows(order):
        return replace(now, stop=None)
    return now


def _level(context: ValidationContext, order: OrderState, stop: int | None) -> RejectReason | None:
    """Return why a new level of a trailing stop makes no sense; one that it has reached by itself does."""
    if stop is None or stop == order.levels.stop:
        return None
    if not 0 < stop <= MAX_PRICE * context.book.instruments[order.terms.symbol].price_scale:
        return RejectReason.BAD_PRICE
    passed = context.reference is not None and order.terms.sign * (stop - context.reference) <= 0
    return RejectReason.WRONG_SIDE if passed else None


def _follows(order: OrderState) -> bool:
    """Say whether an order came as an exit, or as the second leg of a pair: nothing was claimed for it."""
    return order.terms.parent is not None or order.terms.group not in (None, order.terms.order_id)


def _as_leg(context: ValidationContext, order: OrderState, terms: OrderTerms) -> RejectReason | int:
    """Judge an exit by its form, by the market, or the entry that it waits for, and by the leg that excludes it.

    A leg that opens is judged by what the pair needs as well; return what it reserves.
    """
    book, instrument = context.book, context.book.instruments[terms.symbol]
    entry = context.reference
    parent = book.orders.get(terms.parent or "")
    if order.status is OrderStatus.HELD and parent is not None:
        entry = parent.levels.limit or parent.levels.stop or entry
    others = [_standing_terms(book, each) for each in book.groups.get(terms.group or "", []) if each != terms.order_id]
    if reason := exit_level_error(instrument, terms, entry, others, waits=order.status is OrderStatus.HELD):
        return reason
    return (
        0
        if terms.closing
        else _validate_pair_leg(book, order, lambda: required_buying_power(context, instrument, terms, *others))
    )


def _revalidate(context: ValidationContext, order: OrderState, terms: OrderTerms) -> RejectReason | int:
    """Judge new terms as if the order were not there, its exits beside it; return what they reserve."""
    book, symbol = context.book, terms.symbol
    legs = (*book.children.get(terms.order_id, ()), *book.groups.get(terms.group or "", ()))
    exits = [_standing_terms(book, each) for each in legs if each != terms.order_id and not book.orders[each].ended]
    book.reserved_for_exit[symbol] = book.reserved_for_exit.get(symbol, 0) - order.claimed
    try:
        return _validate_pair_leg(book, order, lambda: validate(context, OrderRequest(terms, tuple(exits))))
    finally:
        book.reserved_for_exit[symbol] += order.claimed


def _validate_pair_leg(book: Book, order: OrderState, judge: Callable[[], RejectReason | int]) -> RejectReason | int:
    """Judge as if neither the order nor what it excludes reserved anything; return what the order has to add to it."""
    pair = [book.orders[each] for each in book.groups.get(order.terms.group or "", ()) if each != order.terms.order_id]
    beside = sum(each.reserved for each in pair)
    book.reserved -= order.reserved + beside
    try:
        answer = judge()
    finally:
        book.reserved += order.reserved + beside
    return answer if isinstance(answer, RejectReason) else max(0, answer - beside)


def _standing_terms(book: Book, order_id: str) -> OrderTerms:
    """Return the terms of an order as it stands: what remains of it, at the levels that are in force."""
    order = book.orders[order_id]
    return replace(order.terms, quantity=order.remaining, limit=order.levels.limit, stop=order.levels.stop)
