"""The position that a proposal wants in one symbol, on its way from the sizing to the orders."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

from ...domain.ids import EvidenceId, Symbol
from ...domain.orders import Clamp
from ..order_rounding import WIDE, round_quantity
from .facts import ProposalFacts

EXACT = Decimal("1e-12")
"""Shares are rounded to this before they are truncated, so that a quotient just below a whole number counts as it."""


@dataclass(frozen=True, slots=True)
class WantedPosition:
    """The signed shares wanted in one symbol, not rounded, and what its orders carry.

    Attributes:
        conviction: signed; the conviction that sized the position, None if it did not.
        stop: price per share of the stop that the proposal names.
        reward_to_risk: the ratio that the proposal names.
        clamps: the limits that changed `quantity`, in order.
    """

    symbol: Symbol
    quantity: Decimal
    conviction: Decimal | None
    rationale: str
    evidence: tuple[EvidenceId, ...] = ()
    stop: Decimal | None = None
    reward_to_risk: Decimal | None = None
    clamps: tuple[Clamp, ...] = ()

    def limited(self, limit: str, quantity: Decimal, reason: str, facts: ProposalFacts) -> Self:
        """Return the position with `quantity` shares instead, and the change recorded in shares."""
        if quantity == self.quantity:
            return self
        clamp = facts.clamp(limit, self.symbol, _shown(self.quantity), _shown(quantity), reason)
        return replace(self, quantity=quantity, clamps=(*self.clamps, clamp))


def tradable(position: WantedPosition, facts: ProposalFacts) -> Decimal:
    """Return the wanted shares truncated toward zero to what the symbol's quote says can be traded."""
    near = position.quantity.quantize(EXACT, ROUND_HALF_EVEN, WIDE)
    return round_quantity(near, facts.quote(position.symbol))


def within_limits(position: WantedPosition, facts: ProposalFacts, cap: Decimal | None = None) -> WantedPosition:
    """Return the position cut to `cap` and `max_position`, shares of equity, and to no short on a cash account.

    Only increases are cut: a position that is held beyond the limit may stay, and be reduced as far as is asked.
    """
    if position.quantity < 0 and not facts.account.margin:
        return position.limited("cash_account", Decimal(0), "a cash account cannot be short", facts)
    share = min(cap or facts.limits.max_position, facts.limits.max_position)
    held, largest = facts.held(position.symbol), facts.shares(position.symbol, share)
    if held * position.quantity > 0:
        largest = max(largest, abs(held))
    cut = max(-largest, min(largest, position.quantity))
    return position.limited("max_position", cut, f"a position may be {share:.0%} of equity", facts)


def limit_conviction(position: WantedPosition, target: Decimal) -> Decimal:
    """Return the conviction that the limits of the orders to `target` shares are applied with.

    It is the conviction that sized the position if that is on the same side, else the side itself: +1, -1 or 0.
    """
    if position.conviction is not None and position.conviction * target > 0:
        return position.conviction
    return target.compare(Decimal(0))


def _shown(quantity: Decimal) -> Decimal:
    return Decimal(f"{quantity.quantize(Decimal('1e-6'), ROUND_HALF_EVEN, WIDE).normalize():f}")
