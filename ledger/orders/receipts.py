"""The results of submissions. Repeating a submission returns the same receipt."""

from typing import NamedTuple

from ...domain.errors import DuplicateOrder
from ..book.book import Book
from ..model.order import OrderState, OrderStatus, RejectReason
from ..model.order_request import OrderRequest


class Receipt(NamedTuple):
    """The result of a submission.

    `reason` is the reject reason, None for an accepted order; `exits` are the ids of its exits.
    """

    order_id: str
    accepted: bool
    reason: RejectReason | None
    exits: tuple[str, ...] = ()


def repeated_receipt(book: Book, request: OrderRequest, known: str) -> Receipt:
    """Return the receipt of an identical earlier request; raises DuplicateOrder for another one with the id `known`."""
    order = book.orders.get(request.terms.order_id)
    if order is None or _original_request(book, order) != request:
        raise DuplicateOrder(f"{known} was used for another order; give this one its own id")
    return _receipt(book, order)


def _original_request(book: Book, order: OrderState) -> OrderRequest:
    """Return the request with which an order was submitted."""
    exits = order.refused_exits or tuple(book.orders[each].submitted_terms for each in _receipt(book, order).exits)
    return OrderRequest(order.submitted_terms, exits)


def _receipt(book: Book, order: OrderState) -> Receipt:
    order_id = order.terms.order_id
    group = book.groups.get(order.terms.group or "", [])
    exits = [*book.children.get(order_id, []), *(each for each in group if each != order_id)]
    rejected = order.status is OrderStatus.REJECTED
    return Receipt(order_id, not rejected, order.reason if rejected else None, tuple(exits))
