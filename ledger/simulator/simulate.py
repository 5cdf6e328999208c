"""Simulate an order stream with the fill rules alone: full fills, no volume cap, no slippage, unlimited capital."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...domain.orders import TimeInForce
from ..model.order import OrderStatus
from ..orders.order_index import RestingOrders
from ..pricing.integer_bar import IntegerBar
from ..pricing.triggers import OrderLevels, evaluate
from ..pricing.units import divide_half_even
from .order_stream import (
    RESULT_SCHEMA,
    Stream,
    StreamOrder,
    read_stream,
)

FILLED, EXPIRED, OPEN = OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.OPEN


@dataclass(frozen=True, slots=True)
class StreamFill:
    """One full fill; price and fee in cents."""

    bar: int
    date: str
    client_order_id: str
    symbol: str
    side: str
    qty: int
    price: int
    fee: int


@dataclass(frozen=True, slots=True)
class StreamResult:
    """The result of a stream.

    Fills are in bar order. `cash`, `equity` (cents) and `positions` (shares by symbol) have one value per bar close.
    """

    fills: tuple[StreamFill, ...]
    order_status: dict[str, OrderStatus]
    cash: list[int]
    positions: dict[str, list[int]]
    equity: list[int]

    def document(self) -> dict[str, object]:
        """Return the `order-stream-result/1` document, ready for JSON."""
        names = StreamFill.__slots__
        return {
            "schema": RESULT_SCHEMA,
            "fills": [{name: getattr(fill, name) for name in names} for fill in self.fills],
            "order_status": {name: status.value for name, status in self.order_status.items()},
            "cash": self.cash,
            "positions": self.positions,
            "equity": self.equity,
        }


@dataclass(slots=True)
class _Live:
    """An order that has not ended; `triggered` is true once a stop-limit has become a limit order."""

    order: StreamOrder
    levels: OrderLevels
    seq: int
    triggered: bool = False
    ended: bool = False


@dataclass(slots=True)
class _Simulation:
    """The state of a simulation. `resting` contains only symbols with resting orders, so other bars cost nothing."""

    stream: Stream
    cash: int
    resting: dict[str, RestingOrders[_Live]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    status: dict[str, OrderStatus] = field(default_factory=dict)
    positions: dict[str, list[int]] = field(default_factory=dict)
    fills: list[StreamFill] = field(default_factory=list)

    def accept(self, orders: Iterable[tuple[int, StreamOrder]]) -> None:
        for seq, order in orders:
            sign = 1 if order.side == "BUY" else -1
            levels = OrderLevels(order.order_type, sign, order.limit, order.stop, order.time_in_force)
            self.resting.setdefault(order.symbol, RestingOrders()).put(_Live(order, levels, seq))

    def match(self, number: int) -> None:
        """Match the resting orders of every symbol on bar `number`; fills of one bar are sorted by client_order_id."""
        first = len(self.fills)
        for symbol, resting in list(self.resting.items()):
            given = self.stream.bars[symbol][number]
            bar = given if given and given.volume else None
            for live in resting.pop_reachable(bar):
                if self._stays(live, bar, number):
                    resting.put(live)
            if not resting:
                del self.resting[symbol]
        if len(self.fills) > first + 1:
            self.fills[first:] = sorted(self.fills[first:], key=lambda fill: fill.client_order_id)

    def _stays(self, live: _Live, bar: IntegerBar | None, number: int) -> bool:
        trigger = evaluate(live.levels, bar, live.triggered) if bar else None
        if trigger and trigger.price is not None:
            self._fill(live.order, trigger.price, number)
            return False
        live.triggered = live.triggered or trigger is not None
        if live.levels.tif is TimeInForce.DAY:
            self.status[live.order.client_order_id] = EXPIRED
            return False
        return True

    def _fill(self, order: StreamOrder, price: int, bar: int) -> None:
        signed = order.qty if order.side == "BUY" else -order.qty
        fee = _fee(self.stream, order.qty)
        self.cash -= signed * price + fee
        self._record_position(order.symbol, bar)
        self.held[order.symbol] = self.held.get(order.symbol, 0) + signed
        self.status[order.client_order_id] = FILLED
        self.fills.append(
            StreamFill(
                bar, self.stream.dates[bar], order.client_order_id, order.symbol, order.side, order.qty, price, fee
            )
        )

    def _record_position(self, symbol: str, until: int) -> None:
        """Append the current position for every bar since the last change and before bar `until`."""
        history = self.positions[symbol]
        history.extend([self.held.get(symbol, 0)] * (until - len(history)))

    def equity(self, number: int) -> int:
        """Return the equity at the close of bar `number`; a missing bar keeps the last mark."""
        total, bars, marks = self.cash, self.stream.bars, self.marks
        for symbol, quantity in self.held.items():
            if not quantity:
                continue
            bar = bars[symbol][number]
            if bar:
                marks[symbol] = bar.close
            total += quantity * marks[symbol]
        return total


def _fee(stream: Stream, quantity: int) -> int:
    return divide_half_even(*(stream.fee_per_share * quantity + stream.fee_per_fill).as_integer_ratio())


def simulate(document: object) -> StreamResult:
    """Run a parsed `order-stream/1` document; raises ConfigError or DuplicateOrder when it is invalid."""
    return run(read_stream(document))


def run(stream: Stream) -> StreamResult:
    """Run a validated stream.

    An order fills independently of all others, because capital is unlimited. A repeated client_order_id is ignored.
    """
    arrivals: defaultdict[int, list[tuple[int, StreamOrder]]] = defaultdict(list)
    state = _Simulation(stream, stream.initial_cash, positions={symbol: [] for symbol in stream.symbols})
    for seq, order in enumerate(stream.orders):
        if order.client_order_id not in state.status:
            state.status[order.client_order_id] = OPEN
            arrivals[order.submit_after_bar].append((seq, order))
    cash, equity = [], []
    for bar in range(len(stream.dates)):
        state.accept(arrivals.get(bar - 1, ()))
        state.match(bar)
        cash.append(state.cash)
        equity.append(state.equity(bar))
    for symbol in stream.symbols:
        state._record_position(symbol, len(stream.dates))
    return StreamResult(tuple(state.fills), state.status, cash, state.positions, equity)
