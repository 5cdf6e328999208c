"""Maintenance margin: calls, deadlines and forced liquidation, largest loss first."""

from datetime import date

from ...domain.orders import OrderType, TimeInForce
from ..book.book import Book
from ..book.margin import FULL, maintenance_requirement
from ..model.bar_time import SessionCalendar
from ..model.events import MarginCallIssued, MarginCallMet
from ..model.lots import Position
from ..model.order import OrderTerms, RejectReason
from ..model.order_events import OrderAccepted
from ..orders.contingent import cancel
from ..orders.recorder import EventRecorder


def check_maintenance(recorder: EventRecorder, session: date, sessions: SessionCalendar) -> None:
    """Issue a maintenance call, lift it, or liquidate at its deadline. Run at every close of a margin account."""
    book = recorder.book
    if book.call is None and not book.positions:
        return
    missing = maintenance_requirement(book) - book.equity
    if missing <= 0 and book.call is None:
        return
    today = session.isoformat()
    if missing <= 0:
        recorder.record(MarginCallMet(today))
    elif book.call is None:
        deadline = session
        for _ in range(book.rules.call_sessions):
            deadline = sessions.next(deadline)
        recorder.record(MarginCallIssued(today, missing, deadline.isoformat()))
    elif today >= book.call.deadline:
        _liquidate(recorder, today, missing)


def _liquidate(recorder: EventRecorder, today: str, missing: int) -> None:
    """Submit market orders for the next open until they free the `missing` minor units at the marks.

    Positions are reduced in order of their unrealised gain, lowest first; other orders of the symbol are canceled.
    """
    book = recorder.book
    for position in sorted(book.positions.values(), key=lambda held: (_gain(book, held), held.symbol)):
        if missing <= 0:
            return
        symbol, sign = position.symbol, -1 if position.quantity > 0 else 1
        quantity, freed = _quantity_to_close(book, position, missing)
        for order in [order for order in book.live_orders() if order.terms.symbol == symbol]:
            if not order.ended:
                cancel(recorder, order, RejectReason.FORCED)
        terms = OrderTerms(
            f"forced.{today}.{symbol}", symbol, sign, True, quantity, OrderType.MARKET, None, None, None,
            TimeInForce.DAY, "broker", "maintenance-call", forced=True,
        )  # fmt: skip
        recorder.record(OrderAccepted(terms, book.bar + 1, 0))
        missing -= freed


def _gain(book: Book, position: Position) -> int:
    return book.values[position.symbol] - position.cost


def _quantity_to_close(book: Book, position: Position, missing: int) -> tuple[int, int]:
    """Return the quantity of a position to close, and the requirement that it frees at the mark, in minor units."""
    rules, instrument = book.rules, book.instruments[position.symbol]
    rate = rules.maintenance_long_bps if position.quantity > 0 else rules.maintenance_short_bps
    value, held = abs(book.values[position.symbol]), abs(position.quantity)
    frees = value * rate // FULL
    if frees <= missing:
        return held, frees
    lots = -(-missing * held // (frees * instrument.lot))
    return min(held, lots * instrument.lot), missing
