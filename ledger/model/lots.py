"""Tax lots: quantities and costs of acquisitions, and the order in which they are closed."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from ..pricing.units import divide_half_even, toward_zero


class LotMethod(StrEnum):
    """The order in which lots are closed."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIGHEST_COST = "highest_cost"
    SPECIFIC = "specific"


@dataclass(slots=True)
class Lot:
    """One acquisition: signed quantity and signed cost in minor units. The cost of a short is its negated proceeds."""

    lot_id: str
    quantity: int
    cost: int


@dataclass(slots=True)
class Position:
    """The net position in one symbol; `quantity` and `cost` are the sums over its lots."""

    symbol: str
    quantity: int = 0
    cost: int = 0
    lots: deque[Lot] = field(default_factory=deque)

    def open(self, lot_id: str, quantity: int, cost: int) -> None:
        """Add a lot with the sign of the position."""
        self.lots.append(Lot(lot_id, quantity, cost))
        self.quantity += quantity
        self.cost += cost

    def close(self, quantity: int, method: LotMethod, named: tuple[str, ...] = ()) -> int:
        """Remove the unsigned `quantity` from the lots and return its signed cost basis.

        `named` lists the lot ids to close first with LotMethod.SPECIFIC; other lots follow, oldest first.
        """
        sign = 1 if self.quantity > 0 else -1
        removed, left = 0, quantity
        for lot in self._in_order(method, named):
            taken = min(left, abs(lot.quantity))
            share = lot.cost if taken == abs(lot.quantity) else divide_half_even(lot.cost * taken, abs(lot.quantity))
            lot.quantity -= sign * taken
            lot.cost -= share
            removed += share
            left -= taken
            if not left:
                break
        self._drop_empty(method)
        self.quantity -= sign * quantity
        self.cost -= removed
        return removed

    def _in_order(self, method: LotMethod, named: tuple[str, ...]) -> Iterable[Lot]:
        if method is LotMethod.FIFO:
            return self.lots
        if method is LotMethod.LIFO:
            return reversed(self.lots)
        if method is LotMethod.HIGHEST_COST:
            return sorted(self.lots, key=_by_cost_a_share)
        rank = {lot_id: place for place, lot_id in enumerate(named)}
        return sorted(self.lots, key=lambda lot: rank.get(lot.lot_id, len(rank)))

    def _drop_empty(self, method: LotMethod) -> None:
        lots = self.lots
        if method in (LotMethod.FIFO, LotMethod.LIFO):
            while lots and not lots[0].quantity:
                lots.popleft()
            while lots and not lots[-1].quantity:
                lots.pop()
        else:
            self.lots = deque(lot for lot in lots if lot.quantity)

    def split(self, numerator: int, denominator: int) -> int:
        """Multiply the quantity by `numerator`/`denominator`, truncated toward zero in total, and return it.

        Each lot keeps its cost. The cost of a lot that becomes empty moves to the next lot. If no lot is left, the
        cost stays in `cost` until `clear` is called.
        """
        before = after = orphaned = 0
        kept: deque[Lot] = deque()
        for lot in self.lots:
            before += lot.quantity
            total = toward_zero(before * numerator, denominator)
            lot.quantity, after = total - after, total
            lot.cost += orphaned
            orphaned = 0 if lot.quantity else lot.cost
            if lot.quantity:
                kept.append(lot)
        if orphaned and kept:
            kept[-1].cost += orphaned
        self.lots, self.quantity = kept, after
        return after

    def fraction_costs(self, numerator: int, denominator: int, method: LotMethod) -> tuple[tuple[str, int], ...]:
        """Return the cost that leaves each lot when the fraction that a split produces is sold, as (lot id, cost).

        The fraction is what the exact quantity has beyond the truncated one. Lots give it in the order of `method`,
        each in proportion to its exact quantity after the split; the cost of a part is rounded half to even.
        """
        exact = Fraction(self.quantity * numerator, denominator)
        left = abs(exact - toward_zero(exact.numerator, exact.denominator))
        costs = list[tuple[str, int]]()
        for lot in self._in_order(method, ()):
            if not left:
                break
            owned = abs(Fraction(lot.quantity * numerator, denominator))
            sold = min(left, owned)
            part = sold / owned
            costs.append((lot.lot_id, divide_half_even(lot.cost * part.numerator, part.denominator)))
            left -= sold
        return tuple(costs)

    def remove_cost(self, lot_id: str, cost: int) -> None:
        """Remove part of the cost of a lot."""
        lot = next(lot for lot in self.lots if lot.lot_id == lot_id)
        lot.cost -= cost
        self.cost -= cost

    def clear(self) -> int:
        """Remove all lots and return their cost."""
        removed, self.quantity, self.cost = self.cost, 0, 0
        self.lots.clear()
        return removed


def _by_cost_a_share(lot: Lot) -> "_HighestCostFirst":
    return _HighestCostFirst(lot.cost, lot.quantity)


@dataclass(frozen=True, slots=True)
class _HighestCostFirst:
    """A sort key by cost per share, highest first, computed without division.

    For a short position the same order closes the lot with the largest loss first.
    """

    cost: int
    quantity: int

    def __lt__(self, other: "_HighestCostFirst") -> bool:
        return self.cost * abs(other.quantity) > other.cost * abs(self.quantity)
