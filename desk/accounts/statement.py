"""What an account holder asks for: status, positions, orders, history. Folded from the book and its journal."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal

from ...domain.account import OpenLot
from ...domain.ids import Symbol
from ...domain.times import iso_time
from ...ledger.book.book import Book
from ...ledger.book.codec import stored_facts
from ...ledger.book.margin import buying_power, withdrawable
from ...ledger.book.wire_names import event_name
from ...ledger.broker import Broker
from ...ledger.model import chart_of_accounts
from ...ledger.model.events import Event
from ...ledger.model.order import OrderState
from ...ledger.model.order_events import OrderFilled
from ...ledger.model.proposal import ProposalStatus
from ...ledger.pricing.units import MINOR, to_decimal
from ...ledger.reports.account_view import action, holding
from .open_lots import open_lots
from .stale_prices import stale_price, stale_prices


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Summary of an account, money in its currency; `head` is the hash that the journal ends in.

    `halted` and `reducing` are the reasons for the `state`; empty unless it applies.

    `ambiguous_fills` counts the fills whose bar also allows another outcome. `findings` are sentences about what the
    owner should know or do, such as positions with an old price.
    """

    account: str
    currency: str
    kind: str
    session: str
    state: str
    halted: str
    reducing: str
    equity: Decimal
    cash: Decimal
    long_value: Decimal
    short_value: Decimal
    buying_power: Decimal
    withdrawable: Decimal
    reserved: Decimal
    open_orders: int
    waiting_for_approval: int
    margin_call: str
    events: int
    head: str
    ambiguous_fills: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotLine:
    """What is left of one acquisition, and what closing it at the mark would gain; `cost` is a share's."""

    symbol: str
    lot_id: str
    quantity: Decimal
    cost: Decimal
    acquired: str
    unrealised: Decimal


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One position; cost, mark and value in the account's currency; its lots, oldest first.

    `stale_sessions` counts the sessions since the one that the mark is from.
    """

    symbol: str
    quantity: Decimal
    average_cost: Decimal
    mark: Decimal
    value: Decimal
    unrealised: Decimal
    realised: Decimal
    stale_sessions: int
    lots: tuple[LotLine, ...]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order with the levels that are in force."""

    order_id: str
    symbol: str
    action: str
    quantity: Decimal
    filled: Decimal
    type: str
    limit: Decimal | None
    stop: Decimal | None
    trail: Decimal | None
    time_in_force: str
    status: str
    reason: str
    parent: str
    decision: str


@dataclass(frozen=True, slots=True)
class ScheduledOrderLine(OrderLine):
    """One order of a list in which an order has a good-after moment.

    `good_after` is the moment before which it is not eligible, ISO 8601 in UTC, and `slice_of` the id of the parent
    order of a slice; both are empty for other orders.
    """

    good_after: str = ""
    slice_of: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of the journal, its facts as canonical JSON."""

    seq: int
    event: str
    facts: str


def status(broker: Broker, head: str) -> StatusLine:
    """Return the summary of the account; `head` is the stored hash of its last event."""
    book = broker.book
    return StatusLine(
        account=book.account,
        currency=book.currency,
        kind="margin" if book.rules.margin else "cash",
        session=book.session or "none yet",
        state=book.state,
        halted=book.halted or "",
        reducing=book.reducing or "",
        equity=money(book.equity),
        cash=money(book.cash),
        long_value=money(book.long_value),
        short_value=money(book.short_value),
        buying_power=money(buying_power(book)),
        withdrawable=money(withdrawable(book)),
        reserved=money(book.reserved),
        open_orders=len(book.live_orders()),
        waiting_for_approval=sum(each.status is ProposalStatus.PENDING for each in book.proposals.values()),
        margin_call=f"{money(book.call.amount)} until {book.call.deadline}" if book.call else "",
        events=broker.journal.seq,
        head=head,
        ambiguous_fills=sum(isinstance(each, OrderFilled) and each.ambiguous for each in broker.journal.events),
        findings=_findings(book),
    )


def _findings(book: Book) -> tuple[str, ...]:
    quarantined = [
        f"{symbol} is quarantined since {found.session}, no new orders in it are taken: {found.reason}"
        for symbol, found in sorted(book.quarantined.items())
    ]
    return (*quarantined, *map(str, stale_prices(book)))


def positions(broker: Broker) -> tuple[PositionLine, ...]:
    """Return the positions by symbol."""
    lots = open_lots(broker)
    return tuple(_position(broker.book, symbol, lots[symbol]) for symbol in sorted(lots))


def orders(book: Book, *, every: bool) -> tuple[OrderLine, ...]:
    """Return the open orders, or `every` order ever given, in the order in which they were given.

    The lines are ScheduledOrderLines if one of the orders has a good-after moment.
    """
    chosen = sorted(book.orders.values(), key=lambda order: order.seq) if every else book.live_orders()
    lines = tuple(_order(book, order) for order in chosen)
    if all(order.terms.good_after is None for order in chosen):
        return lines
    return tuple(_scheduled(line, order) for line, order in zip(lines, chosen, strict=True))


def history(broker: Broker) -> tuple[HistoryLine, ...]:
    """Return every event of the journal, oldest first."""
    return tuple(_history(seq, event) for seq, event in enumerate(broker.journal.events, start=1))


def money(units: int) -> Decimal:
    """Return minor units as currency."""
    return to_decimal(units, MINOR)


def _position(book: Book, symbol: Symbol, lots: Sequence[OpenLot]) -> PositionLine:
    held = holding(book, symbol)
    cost = money(book.positions[symbol].cost)
    return PositionLine(
        symbol=symbol,
        quantity=held.quantity,
        average_cost=_per_share(held.average_cost),
        mark=held.mark,
        value=money(book.values.get(symbol, 0)),
        unrealised=money(book.values.get(symbol, 0)) - cost,
        realised=-money(book.balance(chart_of_accounts.realised(symbol))),
        stale_sessions=stale.sessions if (stale := stale_price(book, symbol)) else 0,
        lots=tuple(_lot(symbol, lot, held.mark) for lot in lots),
    )


def _lot(symbol: Symbol, lot: OpenLot, mark: Decimal) -> LotLine:
    cost, gain = _per_share(lot.cost), lot.gain(mark)
    return LotLine(symbol, lot.lot_id, lot.quantity, cost, lot.acquired.isoformat(), gain)


def _per_share(cost: Decimal) -> Decimal:
    return cost.quantize(Decimal("0.0001"))


def _order(book: Book, order: OrderState) -> OrderLine:
    terms, instrument = order.terms, book.instruments.get(order.terms.symbol)
    shares = _in_units(instrument.quantity_scale if instrument else 1)
    price = instrument.price if instrument else _in_units(MINOR)
    return OrderLine(
        order_id=terms.order_id,
        symbol=terms.symbol,
        action=action(terms),
        quantity=shares(order.quantity),
        filled=shares(order.filled),
        type=terms.type,
        limit=None if order.levels.limit is None else price(order.levels.limit),
        stop=None if order.levels.stop is None else price(order.levels.stop),
        trail=None if order.trail is None else price(order.trail),
        time_in_force=terms.tif,
        status=order.status,
        reason=order.reason or "",
        parent=terms.parent or terms.awaits or "",
        decision=terms.decision_id,
    )


def _scheduled(line: OrderLine, order: OrderState) -> ScheduledOrderLine:
    moment = order.terms.good_after
    good_after = "" if moment is None else iso_time(datetime.fromtimestamp(moment, UTC))
    return ScheduledOrderLine(
        **{field.name: getattr(line, field.name) for field in fields(OrderLine)},
        good_after=good_after,
        slice_of=order.terms.slice_of or "",
    )


def _history(seq: int, event: Event) -> HistoryLine:
    return HistoryLine(seq, event_name(event), json.dumps(stored_facts(event), sort_keys=True, separators=(",", ":")))


def _in_units(scale: int) -> Callable[[int], Decimal]:
    return lambda units: to_decimal(units, scale)
