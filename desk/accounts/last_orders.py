"""The orders of the last decision on a symbol and their results, as the desk sees them at its next decision."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from ...domain.account import LastOrder
from ...domain.decision import Decision
from ...domain.ids import Symbol
from ...domain.orders import Order
from ...ledger.book.book import Book
from ...ledger.model.order import OrderState, OrderStatus
from ...ledger.model.proposal_events import OrderProposed
from ...ledger.pricing.units import to_decimal
from .proposal_text import answer_text

FindDecision = Callable[[str], Decision | None]
"""Returns the decision of a run id, or None if it is not stored."""

MANUAL_RUN = "manual"
"""The run id of orders that a person entered."""


def last_orders(book: Book, symbol: Symbol, find_decision: FindDecision) -> tuple[LastOrder, ...]:
    """Return what was asked, allowed and filled, or denied by a person, when a desk last traded `symbol`."""
    candidates = (find_decision(run_id) for run_id in _last_runs(book, symbol))
    found = [decision for decision in candidates if decision is not None]
    if not found:
        return ()
    decision = max(found, key=lambda each: each.as_of)
    return tuple(_past(book, asked, decision) for asked in decision.risk.asked)


def _last_runs(book: Book, symbol: Symbol) -> set[str]:
    """Return the run ids of the last order and of the last proposed order of desks."""
    newest = book.newest.get(symbol)
    if newest is not None and newest.terms.run_id == MANUAL_RUN:
        own = (each for each in book.orders.values() if each.terms.symbol == symbol and not each.terms.parent)
        desks = (each for each in own if each.terms.run_id != MANUAL_RUN)
        newest = max(desks, key=lambda order: order.seq, default=None)
    orders = (each for each in book.proposals.values() if isinstance(each.event, OrderProposed))
    proposed = [each.run_id for each in orders if each.symbol == symbol]
    return ({newest.terms.run_id} if newest else set()) | set(proposed[-1:])


def _past(book: Book, asked: Order, decision: Decision) -> LastOrder:
    allowed = sum((o.quantity for o in decision.risk.allowed if o.client_order_id == asked.client_order_id), Decimal(0))
    parts = book.parts(asked.client_order_id)
    scale = book.instruments[asked.symbol].quantity_scale
    return LastOrder(
        as_of=decision.as_of,
        action=asked.action,
        asked=asked.quantity,
        allowed=allowed,
        filled=to_decimal(sum(each.filled for each in parts), scale),
        status=joint_status(parts) if parts else _unsent(book, asked),
    )


def joint_status(parts: Sequence[OrderState]) -> OrderStatus:
    """Return the status of an order, or of the parent of several slices.

    A parent is open while a slice is, filled once all slices are, rejected if one slice was, and otherwise has the
    status of its last slice that did not fill.
    """
    found = [each.status for each in parts]
    for status in (OrderStatus.REJECTED, OrderStatus.PARTIAL, OrderStatus.OPEN):
        if status in found:
            return status
    return next((status for status in reversed(found) if status is not OrderStatus.FILLED), OrderStatus.FILLED)


def _unsent(book: Book, asked: Order) -> str:
    """Return why an order was not submitted: a person's answer, or `not sent`."""
    proposal = book.proposals.get(asked.client_order_id)
    return "not sent" if proposal is None else answer_text(proposal)
