"""Orders and cancellations that wait for a person's approval: proposed, approved, denied or lapsed, each once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ...domain.errors import ConflictError, DuplicateOrder, OrderRejected
from ..book.book import Book
from ..model.order_request import OrderRequest
from ..model.proposal import ProposalState, ProposalStatus
from ..model.proposal_events import CancelProposed, OrderApproved, OrderProposed, ProposalDenied, ProposalLapsed
from .recorder import EventRecorder

FULL_BPS = 10_000


class ProposalReceipt(NamedTuple):
    """The answer to a command on a proposal; `repeated` if the same answer was given before.

    `by`, `at` and `reason` are those of the recorded answer, the first one if it is repeated.
    """

    order_id: str
    status: ProposalStatus
    by: str
    at: str
    reason: str
    repeated: bool = False


class ProposalActions:
    """The commands on the proposed orders and cancellations of one account.

    Times are ISO 8601 in UTC, such as 2025-03-03T21:00:00Z.
    """

    def __init__(self, recorder: EventRecorder) -> None:
        self._recorder = recorder

    def propose(
        self, request: OrderRequest, *, reference: int, band_bps: int, session: str, expires: str
    ) -> ProposalReceipt:
        """Record an order that waits for approval, once per order id. It does not rest and reserves nothing.

        `reference` is the close shown, in ticks. Raises DuplicateOrder for an id with another body, OrderRejected for
        an order without order, run or decision id and for a reference, band or expiry that is invalid.
        """
        terms, book = request.terms, self._recorder.book
        if not (terms.order_id and terms.run_id and terms.decision_id):
            raise OrderRejected("a proposed order needs an order id, a run id and a decision id; set all three")
        if reference <= 0 or band_bps < 0:
            raise OrderRejected(f"order {terms.order_id} needs a positive reference price and a band of at least 0")
        moment(expires)
        known = book.proposals.get(terms.order_id)
        if known is None and terms.order_id in book.orders:
            raise DuplicateOrder(f"{terms.order_id} was submitted already and cannot be proposed")
        if known is not None:
            event = known.event
            if isinstance(event, CancelProposed) or (event.terms, event.exits) != (terms, request.exits):
                raise DuplicateOrder(f"{terms.order_id} was proposed with other terms; give this order its own id")
            return _receipt(known, repeated=True)
        self._recorder.record(OrderProposed(terms, request.exits, reference, band_bps, session, expires))
        return _receipt(book.proposals[terms.order_id])

    def propose_cancel(self, event: CancelProposed) -> ProposalReceipt:
        """Record a cancellation that waits for approval, once per proposal id. The exits go on resting.

        Raises DuplicateOrder for an id that was proposed with other facts, OrderRejected without exits, run id or
        proposal id and for a reference, band or expiry that is invalid.
        """
        if not (event.proposal_id and event.run_id and event.orders):
            raise OrderRejected("a proposed cancellation needs a proposal id, a run id and the orders that end")
        if event.reference <= 0 or event.band_bps < 0:
            raise OrderRejected(f"{event.proposal_id} needs a positive reference price and a band of at least 0")
        moment(event.expires)
        book = self._recorder.book
        known = book.proposals.get(event.proposal_id)
        if known is not None:
            if not isinstance(known.event, CancelProposed) or _cancels(known.event) != _cancels(event):
                raise DuplicateOrder(f"{event.proposal_id} was proposed with other orders; give it its own id")
            return _receipt(known, repeated=True)
        self._recorder.record(event)
        return _receipt(book.proposals[event.proposal_id])

    def approve(self, order_id: str, by: str, at: str, reason: str = "", price: int | None = None) -> ProposalReceipt:
        """Approve an order, or let it lapse if it no longer fits: the receipt says which.

        It lapses after its expiry, in an account that does not accept it, after a later session, and if `price`, the
        current price in ticks, is outside the band. None uses the account's last price of the symbol. Approving it
        again changes nothing. Raises ConflictError if it was denied, OrderRejected if it is unknown or has lapsed.
        """
        proposal = self.find(order_id)
        if proposal.status is ProposalStatus.APPROVED:
            return _receipt(proposal, repeated=True)
        if proposal.status is ProposalStatus.DENIED:
            raise ConflictError(f"order {order_id} was denied by {_answered(proposal)}; it cannot be approved")
        if proposal.status is ProposalStatus.LAPSED:
            raise OrderRejected(f"order {order_id} has lapsed: {proposal.reason}; it cannot be approved")
        if stale := self._obstacle(proposal, at, price):
            return self.lapse(order_id, stale)
        self._recorder.record(OrderApproved(order_id, by, at, reason))
        return _receipt(proposal)

    def deny(self, order_id: str, by: str, at: str, reason: str = "") -> ProposalReceipt:
        """Deny an order; denying it again changes nothing.

        Raises ConflictError if it was approved, OrderRejected if it is unknown or has lapsed.
        """
        proposal = self.find(order_id)
        if proposal.status is ProposalStatus.DENIED:
            return _receipt(proposal, repeated=True)
        if proposal.status is ProposalStatus.APPROVED:
            raise ConflictError(
                f"order {order_id} was approved by {_answered(proposal)}; cancel it once it rests: paper cancel"
            )
        if proposal.status is ProposalStatus.LAPSED:
            raise OrderRejected(f"order {order_id} has lapsed: {proposal.reason}; it cannot be denied")
        self._recorder.record(ProposalDenied(order_id, by, at, reason))
        return _receipt(proposal)

    def lapse(self, order_id: str, reason: str) -> ProposalReceipt:
        """Let an order lapse that is pending, or approved and not submitted; any other proposal is unchanged.

        Raises OrderRejected if it is unknown.
        """
        proposal = self.find(order_id)
        if not is_open(self._recorder.book, proposal):
            return _receipt(proposal, repeated=True)
        self._recorder.record(ProposalLapsed(order_id, reason))
        return _receipt(proposal)

    def lapse_symbol(self, symbol: str, reason: str) -> None:
        """Let all open proposals in `symbol` lapse."""
        for proposal in list(self._recorder.book.proposals.values()):
            if proposal.symbol == symbol and is_open(self._recorder.book, proposal):
                self.lapse(proposal.order_id, reason)

    def find(self, order_id: str) -> ProposalState:
        """Return a proposal; raises OrderRejected for an unknown id."""
        if (found := self._recorder.book.proposals.get(order_id)) is None:
            raise OrderRejected(f"no order {order_id} was proposed in account {self._recorder.book.account}")
        return found

    def _obstacle(self, proposal: ProposalState, at: str, price: int | None) -> str:
        """Return why a pending proposal can no longer be approved; empty if it can."""
        book, event = self._recorder.book, proposal.event
        if moment(at) > moment(event.expires):
            return f"it expired at {event.expires}"
        if book.halted is not None:
            return f"the account is halted: {book.halted}"
        if book.reducing is not None and isinstance(event, OrderProposed) and not event.terms.closing:
            return f"the account is reducing: {book.reducing}"
        if book.session != event.session:
            return f"the account has processed {book.session} since"
        if isinstance(event, CancelProposed) and all(book.order(each).ended for each in event.orders):
            return f"order {event.orders[0]} is {book.order(event.orders[0]).status}"
        current = price if price is not None else book.marks.get(proposal.symbol, event.reference)
        if abs(current - event.reference) * FULL_BPS > event.band_bps * event.reference:
            instrument = book.instruments.get(proposal.symbol)
            shown = [instrument.price(each) if instrument else each for each in (current, event.reference)]
            return f"the price of {shown[0]} is more than {event.band_bps / 100:g} % away from {shown[1]}"
        return ""


def is_open(book: Book, proposal: ProposalState) -> bool:
    """Return whether a proposal is pending, or approved and not submitted."""
    if proposal.status is not ProposalStatus.APPROVED:
        return proposal.status is ProposalStatus.PENDING
    is_cancel = isinstance(proposal.event, CancelProposed)
    return proposal.run_id not in book.decisions if is_cancel else not book.parts(proposal.order_id)


def proposed_cancels(book: Book, run_id: str) -> dict[str, ProposalState]:
    """Return the proposed cancellations of a decision by the ids of the exits that they end."""
    return {
        order_id: each
        for each in book.proposals.values()
        if isinstance(each.event, CancelProposed) and each.run_id == run_id
        for order_id in each.event.orders
    }


def check_cancels_approved(book: Book, run_id: str, order_ids: Iterable[str]) -> None:
    """Raise OrderRejected if a decision cancels an order whose proposed cancellation is not approved."""
    proposed = proposed_cancels(book, run_id)
    for order_id in sorted(order_ids):
        if order_id in proposed and (status := proposed[order_id].status) is not ProposalStatus.APPROVED:
            wait = "waits for approval" if status is ProposalStatus.PENDING else f"is {status}"
            raise OrderRejected(f"the cancellation of order {order_id} {wait}; it goes on resting")


def check_approved(book: Book, request: OrderRequest) -> None:
    """Raise OrderRejected for a proposed order that is not approved, DuplicateOrder for one with other terms.

    A slice needs the approval of its parent order, and all slices together are at most the approved quantity.
    """
    terms = request.terms
    proposal = book.proposals.get(terms.order_id if terms.slice_of is None else terms.slice_of)
    if proposal is None:
        return
    if proposal.status is not ProposalStatus.APPROVED:
        wait = "waits for approval" if proposal.status is ProposalStatus.PENDING else f"is {proposal.status}"
        raise OrderRejected(f"order {proposal.order_id} {wait} and cannot be submitted")
    event = proposal.event
    approved = None if isinstance(event, CancelProposed) else OrderRequest(event.terms, event.exits)
    if approved is None or request != (approved if terms.slice_of is None else _slice_of(book, approved, request)):
        raise DuplicateOrder(f"{proposal.order_id} was approved with other terms; give this order its own id")


def _slice_of(book: Book, approved: OrderRequest, asked: OrderRequest) -> OrderRequest | None:
    """Return the approved order as a slice with the id, time and quantity asked; None for more than is left of it."""
    whole, terms = approved.terms, asked.terms
    left = whole.quantity - sum(each.terms.quantity for each in book.parts(whole.order_id))
    if terms.quantity > left or len(asked.exits) != len(approved.exits):
        return None
    main = replace(
        whole,
        order_id=terms.order_id,
        quantity=terms.quantity,
        tif=terms.tif,
        good_after=terms.good_after,
        slice_of=whole.order_id,
    )
    legs = zip(approved.exits, asked.exits, strict=True)
    exits = [
        replace(leg, order_id=new.order_id, quantity=terms.quantity, parent=terms.order_id, group=new.group)
        for leg, new in legs
    ]
    return OrderRequest(main, tuple(exits))


def moment(text: str) -> datetime:
    """Return an ISO 8601 time with a zone; raises OrderRejected for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise OrderRejected(f"{text!r} is not an ISO 8601 time; write one such as 2025-03-03T21:00:00Z") from error
    if found.tzinfo is None:
        raise OrderRejected(f"{text} has no time zone; write one such as {text}Z")
    return found


def _cancels(event: CancelProposed) -> tuple[object, ...]:
    return event.orders, event.symbol, event.action, event.run_id


def _answered(proposal: ProposalState) -> str:
    return f"{proposal.by} at {proposal.at}" + (f": {proposal.reason}" if proposal.reason else "")


def _receipt(proposal: ProposalState, *, repeated: bool = False) -> ProposalReceipt:
    return ProposalReceipt(
        proposal.order_id, proposal.status, proposal.by, proposal.at, proposal.reason, repeated=repeated
    )
