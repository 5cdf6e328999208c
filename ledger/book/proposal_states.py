"""Apply the events of proposed orders and cancellations."""

from collections.abc import Callable
from typing import Any

from ...domain.errors import LedgerError
from ..model.proposal import ProposalState, ProposalStatus
from ..model.proposal_events import CancelProposed, OrderApproved, OrderProposed, ProposalDenied, ProposalLapsed
from .book import Book


def _proposed(book: Book, event: OrderProposed) -> None:
    order_id = event.terms.order_id
    if order_id in book.proposals or order_id in book.orders:
        raise LedgerError(f"order {order_id} is known already and cannot be proposed")
    book.proposals[order_id] = ProposalState(event)


def _cancel_proposed(book: Book, event: CancelProposed) -> None:
    if event.proposal_id in book.proposals or event.proposal_id in book.orders:
        raise LedgerError(f"{event.proposal_id} is known already and cannot name a cancellation")
    book.proposals[event.proposal_id] = ProposalState(event)


def _approved(book: Book, event: OrderApproved) -> None:
    book.proposals[event.order_id].answer(ProposalStatus.APPROVED, event.reason, event.by, event.at)


def _denied(book: Book, event: ProposalDenied) -> None:
    book.proposals[event.order_id].answer(ProposalStatus.DENIED, event.reason, event.by, event.at)


def _lapsed(book: Book, event: ProposalLapsed) -> None:
    book.proposals[event.order_id].answer(ProposalStatus.LAPSED, event.reason)


PROPOSAL_FOLDS: dict[type, Callable[[Book, Any], None]] = {
    OrderProposed: _proposed,
    CancelProposed: _cancel_proposed,
    OrderApproved: _approved,
    ProposalDenied: _denied,
    ProposalLapsed: _lapsed,
}
