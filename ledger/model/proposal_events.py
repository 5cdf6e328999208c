"""The events of orders and cancellations that wait for a person's approval.

Prices are in ticks, quantities in quantity steps.
"""

from dataclasses import dataclass

from .order import OrderTerms


@dataclass(frozen=True, slots=True)
class OrderProposed:
    """An order with its exits waits for approval. It does not rest and reserves nothing.

    Attributes:
        reference: the close that the proposal was made at, in ticks.
        band_bps: largest distance of the price from `reference` at the approval, in basis points of it.
        session: the account's session at the proposal.
        expires: the last moment at which it can be approved, as ISO 8601 in UTC.
    """

    terms: OrderTerms
    exits: tuple[OrderTerms, ...]
    reference: int
    band_bps: int
    session: str
    expires: str


@dataclass(frozen=True, slots=True)
class CancelProposed:
    """The cancellation of resting exits by a decision waits for approval. They go on resting.

    It is answered by the same events as a proposed order, under its own id.

    Attributes:
        proposal_id: the id that the answers name.
        orders: the exits that end, those that are linked to a named one included; the first is the one shown.
        action: `cancel`, or `replace` if the decision's orders take their place.
        reference, band_bps, session, expires: as of `OrderProposed`.
    """

    proposal_id: str
    orders: tuple[str, ...]
    symbol: str
    action: str
    run_id: str
    reference: int
    band_bps: int
    session: str
    expires: str


@dataclass(frozen=True, slots=True)
class OrderApproved:
    """A proposed order or cancellation was approved; `at` is ISO 8601 in UTC."""

    order_id: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalDenied:
    """A proposed order or cancellation was denied; it can never be submitted. `at` is ISO 8601 in UTC."""

    order_id: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalLapsed:
    """A proposed order or cancellation can no longer be submitted, for `reason`."""

    order_id: str
    reason: str


PROPOSAL_EVENTS = (OrderProposed, CancelProposed, OrderApproved, ProposalDenied, ProposalLapsed)
"""The events of proposals; none of them changes an order, cash or a position."""
