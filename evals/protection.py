"""Protective orders around a trader's own exits: withdrawn before, and put back for what stays of the position."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..ledger.broker import Broker
from ..ledger.order import OrderState, OrderStatus, Terms
from ..ledger.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Protection:
    """The resting exits of one entry: a stop, a target, or both, of which one cancels the other."""

    legs: tuple[Terms, ...]
    quantity: int

    def again(self, quantity: int, mark: str) -> Ticket:
        """Return the same exits for another quantity, under names that end in `mark`."""
        legs = sorted(self.legs, key=lambda leg: leg.limit is None)
        group = f"{legs[0].order_id}{mark}" if len(legs) > 1 else None
        first, *others = (
            replace(leg, order_id=f"{leg.order_id}{mark}", quantity=quantity, parent=None, group=group) for leg in legs
        )
        return Ticket(first, tuple(others))


def withdraw(broker: Broker, symbol: str) -> tuple[Protection, ...]:
    """Cancel the resting exits of `symbol` and return them by entry, the oldest first."""
    groups: dict[str, list[OrderState]] = {}
    for state in broker.book.live_orders():
        if state.terms.symbol == symbol and state.terms.closing and state.status is not OrderStatus.HELD:
            groups.setdefault(state.terms.group or state.terms.order_id, []).append(state)
    found = tuple(Protection(tuple(map(_terms, legs)), legs[0].remaining) for legs in groups.values())
    for legs in groups.values():
        broker.cancel(legs[0].terms.order_id)
    return found


def shared_out(protections: Sequence[Protection], held: int) -> tuple[tuple[Protection, int], ...]:
    """Share `held` shares out among the protections, the youngest first: what was bought first is sold first."""
    shares = []
    for protection in reversed(protections):
        if quantity := min(protection.quantity, held):
            shares.append((protection, quantity))
            held -= quantity
    return tuple(reversed(shares))


def _terms(state: OrderState) -> Terms:
    return replace(state.terms, limit=state.levels.limit, stop=state.levels.stop)
