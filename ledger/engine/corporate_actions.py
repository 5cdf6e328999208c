"""Corporate actions: dividends, splits and delistings. Each is booked once; repeating one changes nothing."""

from datetime import date
from fractions import Fraction

from ...domain.errors import OrderRejected
from ..book.book import Book, dividend_key
from ..model.account_rules import SplitPolicy
from ..model.events import Delisted, DividendBooked, SplitApplied
from ..model.order import OrderState, OrderStatus, RejectReason
from ..model.order_events import OrderAdjusted
from ..orders.contingent import cancel, cap_exits
from ..orders.recorder import EventRecorder
from ..pricing.units import (
    MINOR,
    divide_half_even,
    rounded_units,
    toward_zero,
)
from .late_splits import EventsAroundSplit, events_since, late_split_obstacle
from .session_open import accrue


def book_dividend(
    recorder: EventRecorder, symbol: str, ex_date: date, amount: Fraction, pay_date: date | None, payment: int = 1
) -> None:
    """Book a dividend of `amount`, in currency per share of the ex-date, on the quantity held going into the ex-date.

    It is receivable on a long position and payable on a short one. A dividend that becomes known late is booked too.
    `payment` numbers the dividends of one ex-date; each number is booked once.
    """
    book, ex_day = recorder.book, ex_date.isoformat()
    if f"dividend:{symbol}:{dividend_key(ex_day, payment)}" in book.actions:
        return
    quantity = _entitled(recorder, symbol, ex_day)
    if quantity:
        total = rounded_units(amount * quantity / book.instruments[symbol].quantity_scale, MINOR)
        pay_day = (pay_date or ex_date).isoformat()
        recorder.record(DividendBooked(symbol, ex_day, pay_day, quantity, total, payment))


def _entitled(recorder: EventRecorder, symbol: str, ex_day: str) -> int:
    """Return the quantity held going into `ex_day`, also when that session has been processed already."""
    book = recorder.book
    if ex_day > book.session:
        return book.quantity(symbol)
    return book.holdings.held_into(symbol, ex_day)


def apply_split(recorder: EventRecorder, symbol: str, ex_date: date, ratio: Fraction) -> None:
    """Multiply the position by `ratio`, truncated toward zero, and sell the fraction by the account's lot method.

    Open orders are canceled or adjusted by the account's split policy. For a session that was processed already, the
    mark and the orders accepted after it are in shares of after the split and stay as they are; raises OrderRejected
    if anything else since then depends on the number of shares. Without a position, orders from before the split that
    were filled in part, triggered, moved or replaced since then are canceled.
    """
    book, day = recorder.book, ex_date.isoformat()
    if symbol not in book.instruments or f"split:{symbol}:{day}" in book.actions:
        return
    live = [order for order in book.live_orders() if order.terms.symbol == symbol]
    late = day <= book.session and bool(live or book.quantity(symbol)) and not _silent_since(book, symbol, day)
    matched = frozenset[str]()
    if late:
        since = _events_since_split(recorder, symbol, day, ratio)
        newer, matched = since.accepted_after(), since.matched_orders(book, symbol)
        live = [order for order in live if order.terms.order_id not in newer]
    _accrue(recorder, ex_date)
    carried = [o for o in _orders_to_adjust(live, book.rules.split_orders) if o.terms.order_id not in matched]
    _cancel_all(recorder, [order for order in live if order not in carried], RejectReason.SPLIT)
    numerator, denominator = ratio.as_integer_ratio()
    recorder.record(_split_position(book, symbol, day, ratio, marked_after=late))
    for order in carried:
        _adjust(recorder, order, numerator, denominator)
    if carried or late:
        live = [order for order in book.live_orders() if order.terms.symbol == symbol]
        exits = [o for o in live if o.terms.closing and o.status is not OrderStatus.HELD]
        cap_exits(recorder, exits, book.quantity(symbol))
        recorder.reindex(symbol)


def _events_since_split(recorder: EventRecorder, symbol: str, day: str, ratio: Fraction) -> EventsAroundSplit:
    """Return the events around the processed session of a split; raises OrderRejected if it cannot be booked."""
    book, since = recorder.book, events_since(recorder.journal, symbol, day)
    if obstacle := late_split_obstacle(book, since, symbol, day, ratio):
        raise OrderRejected(
            f"the split of {symbol} on {day} became known only after account {book.account} had processed that day, "
            f"and {obstacle}; restore a backup from before {day} and go on from there"
        )
    return since


def _split_position(book: Book, symbol: str, day: str, ratio: Fraction, *, marked_after: bool) -> SplitApplied:
    """Return the split of a position; with `marked_after` its mark is already a price of after the split."""
    numerator, denominator = ratio.as_integer_ratio()
    mark, quantity, instrument = book.marks.get(symbol), book.quantity(symbol), book.instruments[symbol]
    in_lieu = 0
    if mark is not None and quantity:
        fraction = quantity * ratio - toward_zero(quantity * numerator, denominator)
        price = Fraction(mark, instrument.price_scale) / (1 if marked_after else ratio)
        in_lieu = rounded_units(fraction * price / instrument.quantity_scale, MINOR)
    if mark is not None and not marked_after:
        mark = max(1, divide_half_even(mark * denominator, numerator))
    position = book.positions.get(symbol)
    sold = position.fraction_costs(numerator, denominator, book.rules.lots) if position else ()
    return SplitApplied(symbol, day, numerator, denominator, in_lieu, mark, sold)


def _silent_since(book: Book, symbol: str, day: str) -> bool:
    """Return whether a symbol had no bar on `day` or later, so that its fills and orders are in shares of before it."""
    found = book.quarantined.get(symbol)
    if found is not None and found.session <= day:
        return True
    return symbol in book.positions and book.last_traded.get(symbol, book.session) < day


def _orders_to_adjust(live: list[OrderState], treatment: SplitPolicy) -> list[OrderState]:
    """Return the orders to adjust for a split: none, all, or the active exits."""
    if treatment is SplitPolicy.ADJUST_PROTECTIVE:
        return [order for order in live if order.terms.closing and order.status is not OrderStatus.HELD]
    return live if treatment is SplitPolicy.ADJUST else []


def _adjust(recorder: EventRecorder, order: OrderState, numerator: int, denominator: int) -> None:
    """Adjust an order for a split: truncate the remaining quantity to whole lots, divide and round the prices.

    The remaining quantity is truncated rather than the total, because legs of a pair share only what remains.
    An order without a remaining quantity is canceled.
    """
    if order.ended:
        return
    instrument = recorder.book.instruments[order.terms.symbol]
    lot = instrument.lot
    remaining = toward_zero(order.remaining * numerator, denominator * lot) * lot
    filled = toward_zero(order.filled * numerator, denominator)
    if not remaining:
        cancel(recorder, order, RejectReason.SPLIT)
        return

    def level(price: int | None) -> int | None:
        return None if price is None else instrument.to_tick(divide_half_even(price * denominator, numerator))

    levels = order.levels
    recorder.record(
        OrderAdjusted(
            order.terms.order_id,
            filled + remaining,
            filled,
            level(levels.limit),
            level(levels.stop),
            level(order.trail),
        )
    )


def delist(recorder: EventRecorder, symbol: str, day: date, price: int | None) -> None:
    """Delist a symbol: cancel its orders and close its position at `price` in ticks.

    An unknown price (None) is booked as zero and flagged.
    """
    book = recorder.book
    if symbol not in book.instruments or symbol in book.delisted:
        return
    _accrue(recorder, day)
    _cancel_all(
        recorder, [order for order in book.live_orders() if order.terms.symbol == symbol], RejectReason.DELISTED
    )
    paid = price or 0
    value = book.instruments[symbol].money(paid, book.quantity(symbol))
    recorder.record(Delisted(symbol, day.isoformat(), paid, value, price is None))


def _accrue(recorder: EventRecorder, day: date) -> None:
    """Accrue interest and fees up to `day`, before the action changes the position."""
    if recorder.book.session:
        accrue(recorder, day)


def _cancel_all(recorder: EventRecorder, orders: list[OrderState], reason: RejectReason) -> None:
    for order in orders:
        if not order.ended:
            cancel(recorder, order, reason)
