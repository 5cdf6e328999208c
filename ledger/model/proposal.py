"""A proposed order or cancellation that waits for a person's approval, and its answer."""

from enum import StrEnum

from ...domain.errors import LedgerError
from .proposal_events import CancelProposed, OrderProposed


class ProposalStatus(StrEnum):
    """The status of a proposed order."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    LAPSED = "lapsed"


NEXT: dict[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.PENDING: frozenset({ProposalStatus.APPROVED, ProposalStatus.DENIED, ProposalStatus.LAPSED}),
    ProposalStatus.APPROVED: frozenset({ProposalStatus.LAPSED}),
}


class ProposalState:
    """A proposed order, or a proposed cancellation of resting exits, and its current state.

    Attributes:
        event: the proposal, with the terms of the order or the ids of the exits.
        by, at, reason: the answer: name of the person, ISO 8601 time in UTC, reason; empty while it is pending. A
            lapsed proposal keeps name and time of its approval.
    """

    __slots__ = ("at", "by", "event", "reason", "status")

    def __init__(self, event: OrderProposed | CancelProposed) -> None:
        self.event = event
        self.status = ProposalStatus.PENDING
        self.by = self.at = self.reason = ""

    @property
    def order_id(self) -> str:
        """Return the id that answers name: of the proposed order, or of the proposed cancellation."""
        event = self.event
        return event.proposal_id if isinstance(event, CancelProposed) else event.terms.order_id

    @property
    def run_id(self) -> str:
        """Return the run of the decision."""
        event = self.event
        return event.run_id if isinstance(event, CancelProposed) else event.terms.run_id

    @property
    def symbol(self) -> str:
        """Return the symbol of the order or of the exits."""
        event = self.event
        return event.symbol if isinstance(event, CancelProposed) else event.terms.symbol

    def answer(self, status: ProposalStatus, reason: str, by: str | None = None, at: str | None = None) -> None:
        """Change the status; raises LedgerError for a transition that is not allowed."""
        if status not in NEXT.get(self.status, ()):
            raise LedgerError(f"the proposal {self.order_id} cannot go from {self.status} to {status}")
        self.status, self.reason = status, reason
        self.by, self.at = self.by if by is None else by, self.at if at is None else at

    def snapshot(self) -> tuple[object, ...]:
        """Return the whole state as a tuple in a fixed order."""
        event = self.event
        ended = ((*event.orders,), event.action, event.run_id) if isinstance(event, CancelProposed) else ()
        return (
            self.order_id, self.symbol, self.status, self.by, self.at, self.reason, event.reference, event.band_bps,
            event.session, event.expires, *ended,
        )  # fmt: skip
