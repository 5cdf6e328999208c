"""New terms for an order that lives, alone or among relatives."""

from dataclasses import replace

from ..domain.errors import Rejected
from ..domain.orders import OrderType
from .acceptance import Standing, judged, misfit
from .book import Book
from .events import Replaced
from .order import OrderState, OrderStatus, Reason, Terms
from .ticket import Ticket


def replaced(
    standing: Standing, order: OrderState, quantity: int | None, limit: int | None, stop: int | None
) -> Replaced:
    """Return what gives an order new terms, None keeping the old, and a place at the back of the queue.

    The exits of an entry go on following it. An exit, or a leg of a pair, changes its prices only: its quantity is its
    relatives' matter. Raises Rejected, with the reason, when the new terms would not have been taken.
    """
    book, order_id, levels = standing.book, order.terms.order_id, order.levels
    if order.ended:
        raise Rejected(f"order {order_id} is {order.status} and keeps its terms; submit a new one")
    quantity = order.quantity if quantity is None else quantity
    limit, stop = levels.limit if limit is None else limit, levels.stop if stop is None else stop
    if quantity != order.quantity and (order.terms.parent or order.terms.group):
        raise Rejected(f"the quantity of order {order_id} follows its relatives; give it new prices only")
    if quantity <= order.filled:
        raise Rejected(f"order {order_id} has filled {order.filled} already; cancel it instead")
    terms = _terms(order, quantity - order.filled, limit, stop)
    answer = _as_leg(standing, order, terms) if _follows(order) else _anew(standing, order, terms)
    if isinstance(answer, Reason):
        raise Rejected(f"order {order_id} keeps its terms: the new ones are refused ({answer})")
    return Replaced(order_id, quantity, limit, stop, order.trail, answer, max(order.first_bar, book.bar + 1))


def _terms(order: OrderState, quantity: int, limit: int | None, stop: int | None) -> Terms:
    """Return the terms as they would be submitted now; what was triggered has left its stop behind."""
    if order.triggered and order.terms.type is OrderType.STOP_LIMIT:
        return replace(order.terms, type=OrderType.LIMIT, quantity=quantity, limit=limit, stop=None)
    if order.terms.type is OrderType.TRAILING_STOP and not _follows(order):
        stop = None
    return replace(order.terms, quantity=quantity, limit=limit, stop=stop)


def _follows(order: OrderState) -> bool:
    """Say whether an order came as an exit, or as the second leg of a pair: nothing was reserved or claimed for it."""
    return order.terms.parent is not None or order.terms.group not in (None, order.terms.order_id)


def _as_leg(standing: Standing, order: OrderState, terms: Terms) -> Reason | int:
    """Judge an exit by its form, by the market, or the entry that it waits for, and by the leg that excludes it."""
    book = standing.book
    entry = standing.reference
    parent = book.orders.get(terms.parent or "")
    if order.status is OrderStatus.HELD and parent is not None:
        entry = parent.levels.limit or parent.levels.stop or entry
    others = [_standing_terms(book, each) for each in book.groups.get(terms.group or "", []) if each != terms.order_id]
    return misfit(book.instruments[terms.symbol], terms, entry, others, waits=order.status is OrderStatus.HELD) or 0


def _anew(standing: Standing, order: OrderState, terms: Terms) -> Reason | int:
    """Judge new terms as if the order were not there, its exits beside it; return what they reserve."""
    book, symbol = standing.book, terms.symbol
    legs = (*book.children.get(terms.order_id, ()), *book.groups.get(terms.group or "", ()))
    exits = [_standing_terms(book, each) for each in legs if each != terms.order_id and not book.orders[each].ended]
    book.reserved -= order.reserved
    book.claimed[symbol] = book.claimed.get(symbol, 0) - order.claimed
    try:
        return judged(standing, Ticket(terms, tuple(exits)))
    finally:
        book.reserved += order.reserved
        book.claimed[symbol] += order.claimed


def _standing_terms(book: Book, order_id: str) -> Terms:
    """Return the terms of an order at the levels that are in force."""
    order = book.orders[order_id]
    return replace(order.terms, limit=order.levels.limit, stop=order.levels.stop)
