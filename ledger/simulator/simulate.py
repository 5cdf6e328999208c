"""Walk a stream of orders over bars by the fill rules alone: whole fills, no cap, no slippage, no limit on capital."""

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
    """One whole fill; price and fee in cents."""

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
    """What became of the stream: fills in bar order; cash, positions and equity after each bar's close, in cents."""

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
    """An order that has not ended; `triggered` tells a stop-limit from the limit it has become."""

    order: StreamOrder
    levels: OrderLevels
    seq: int
    triggered: bool = False
    ended: bool = False


@dataclass(slots=True)
class _Simulation:
    """The state of a walk: resting orders by symbol, so that a bar of a symbol without any costs nothing."""

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
        """Try the resting orders of every symbol on its bar; list the fills of one bar by client_order_id."""
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
        """Write out the position as it stood from the last change up to bar `until`, excluded."""
        history = self.positions[symbol]
        history.extend([self.held.get(symbol, 0)] * (until - len(history)))

    def equity(self, number: int) -> int:
        """Mark what is held at the bar's close; a missing bar leaves the last mark standing."""
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
    """Run a parsed `order-stream/1` document; raises ConfigError or DuplicateOrder when it is not a valid one."""
    return run(read_stream(document))


def run(stream: Stream) -> StreamResult:
    """Run a checked stream. Ties on a bar go by acceptance; nothing depends on them while capital is unlimited."""
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
