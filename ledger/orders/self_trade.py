"""Self-trade detection: live orders of the account that a new order would trade with."""

from collections import deque
from heapq import heappop, heappush

from ...domain.orders import OrderType
from ..model.order import OrderState

MARKET, LIMIT, STOP_LIMIT = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT


class SelfTradeIndex:
    """The market and limit orders of one symbol by side.

    Heaps keep the most aggressive limit on top. Ended and replaced orders are dropped when they reach the top.
    """

    __slots__ = ("_limits", "_markets")

    def __init__(self) -> None:
        self._markets: dict[int, deque[OrderState]] = {1: deque(), -1: deque()}
        self._limits: dict[int, list[tuple[int, int, OrderState]]] = {1: [], -1: []}

    def put(self, order: OrderState) -> None:
        levels = order.levels
        if levels.type is MARKET:
            self._markets[levels.sign].append(order)
        elif levels.type is LIMIT and levels.limit is not None:
            heappush(self._limits[levels.sign], (-levels.sign * levels.limit, order.seq, order))

    def crosses(self, sign: int, kind: OrderType, limit: int | None, reference: int | None) -> bool:
        """Return whether an order would trade with one of the opposite side when both are marketable at `reference`."""
        if kind is not MARKET and kind is not LIMIT:
            return False
        opposite = self._best(-sign)
        if kind is MARKET or limit is None:
            near = opposite is not None and reference is not None and sign * (reference - opposite) >= 0
            return near or self._any_market(-sign)
        if opposite is not None and sign * (limit - opposite) >= 0:
            return True
        marketable = reference is not None and sign * (limit - reference) >= 0
        return marketable and self._any_market(-sign)

    def _any_market(self, sign: int) -> bool:
        markets = self._markets[sign]
        while markets and markets[0].ended:
            markets.popleft()
        return bool(markets)

    def _best(self, sign: int) -> int | None:
        heap = self._limits[sign]
        while heap and (heap[0][2].ended or heap[0][1] != heap[0][2].seq):
            heappop(heap)
        return -sign * heap[0][0] if heap else None
