"""An index of one symbol's live orders, from which a bar retrieves only the orders that it can reach."""

from heapq import heapify, heappop, heappush
from typing import Generic, Protocol, TypeVar

from ...domain.orders import OrderType, TimeInForce
from ..pricing.integer_bar import IntegerBar
from ..pricing.triggers import OrderLevels


class IndexedOrder(Protocol):
    """The attributes that the index needs. Entries that have `ended` or have an outdated `seq` are dropped lazily."""

    seq: int
    triggered: bool

    @property
    def levels(self) -> OrderLevels: ...

    @property
    def ended(self) -> bool: ...


O = TypeVar("O", bound=IndexedOrder)  # noqa: E741 -- an order
Heap = list[tuple[int, int, O]]

LIMIT, STOP, STOP_LIMIT = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
GTC = TimeInForce.GTC


class RestingOrders(Generic[O]):
    """An index with GTC limits and stops in heaps by level; all other orders are evaluated on every bar.

    A bar takes from the heaps only the orders whose level lies within its range, in O(reached x log resting) time.
    """

    __slots__ = ("_limits", "_stops", "_watched")

    def __init__(self) -> None:
        self._watched: list[tuple[int, O]] = []
        self._limits: tuple[Heap[O], Heap[O]] = ([], [])
        self._stops: tuple[Heap[O], Heap[O]] = ([], [])

    def __bool__(self) -> bool:
        limits, stops = self._limits, self._stops
        return bool(self._watched or limits[0] or limits[1] or stops[0] or stops[1])

    def put(self, order: O) -> None:
        """Add an order, or return one that `pop_reachable` removed."""
        levels = order.levels
        buys = levels.sign > 0
        if levels.tif is not GTC or (levels.type is STOP and order.triggered):
            self._watched.append((order.seq, order))
        elif levels.type is LIMIT or (levels.type is STOP_LIMIT and order.triggered):
            heappush(self._limits[buys], (-levels.sign * (levels.limit or 0), order.seq, order))
        elif levels.type is STOP or levels.type is STOP_LIMIT:
            heappush(self._stops[buys], (levels.sign * (levels.stop or 0), order.seq, order))
        else:
            self._watched.append((order.seq, order))

    def pop_reachable(self, bar: IntegerBar | None) -> list[O]:
        """Remove and return the live orders that `bar` may reach.

        For None, a halt, these are the orders that are evaluated on every bar.
        """
        taken, self._watched = self._watched, []
        if bar:
            high, low = bar.high, bar.low
            for heap, edge in (
                (self._limits[True], -low),
                (self._limits[False], high),
                (self._stops[True], high),
                (self._stops[False], -low),
            ):
                while heap and heap[0][0] <= edge:
                    taken.append(heappop(heap)[1:])
        return [order for seq, order in taken if seq == order.seq and not order.ended]

    def discard(self, order: O) -> None:
        """Remove an order, in O(resting) time; one that is absent is ignored."""
        self._watched = [each for each in self._watched if each[1] is not order]
        for heap in (*self._limits, *self._stops):
            kept = [each for each in heap if each[2] is not order]
            if len(kept) != len(heap):
                heap[:] = kept
                heapify(heap)

    def all(self) -> list[O]:
        """Return the live orders in queue order."""
        heaps = (*self._limits, *self._stops)
        orders = self._watched + [entry[1:] for heap in heaps for entry in heap]
        return sorted(
            (order for seq, order in orders if seq == order.seq and not order.ended), key=lambda order: order.seq
        )
