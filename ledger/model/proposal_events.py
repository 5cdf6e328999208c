"""The events of orders that wait for a person's approval. Prices are in ticks, quantities in quantity steps."""

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
class OrderApproved:
    """A proposed order was approved; `at` is ISO 8601 in UTC."""

    order_id: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalDenied:
    """A proposed order was denied; it can never be submitted. `at` is ISO 8601 in UTC."""

    order_id: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalLapsed:
    """A proposed order can no longer be submitted, for `reason`."""

    order_id: str
    reason: str


PROPOSAL_EVENTS = (OrderProposed, OrderApproved, ProposalDenied, ProposalLapsed)
"""The events of proposals; none of them changes an order, cash or a position."""
