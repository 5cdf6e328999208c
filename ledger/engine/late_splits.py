"""Splits that become known after the session of their ex-date was processed: what allows to book them afterwards."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ..book.book import Book
from ..book.journal import Journal
from ..model.events import Accrued, BarClosed, DividendBooked, Event
from ..model.order_events import OrderAccepted, OrderFilled, OrderReplaced, StopTriggered, TrailingStopMoved

UNEXPLAINED_MOVE = Fraction(5, 4)
"""The largest price change, as a factor, that is left beside a split which the prices need not show otherwise."""


class EventsAroundSplit(NamedTuple):
    """The events since the last bar before a day, in order, divided by the first bar of the day or later.

    Attributes:
        during: events up to and including that bar; orders in them were accepted at prices of before the day.
        after: the events after it.
        before: price of the symbol in ticks at its last bar before the day, or None.
        then: price of the symbol in ticks at its first bar on the day or later, or None.
    """

    during: tuple[Event, ...]
    after: tuple[Event, ...]
    before: int | None
    then: int | None

    def of_orders(self, book: Book, symbol: str) -> Iterator[Event]:
        """Yield the fills, triggers, moves of trailing stops and later replacements of the symbol's orders."""
        matched = (OrderFilled, StopTriggered, TrailingStopMoved)
        for events, kinds in ((self.during, matched), (self.after, (*matched, OrderReplaced))):
            for event in events:
                if isinstance(event, kinds) and book.orders[event.order_id].terms.symbol == symbol:
                    yield event

    def matched_orders(self, book: Book, symbol: str) -> frozenset[str]:
        """Return the ids of the symbol's orders that were filled, triggered, moved or replaced since the split."""
        return frozenset(
            event.order_id
            for event in self.of_orders(book, symbol)
            if isinstance(event, OrderFilled | StopTriggered | TrailingStopMoved | OrderReplaced)
        )

    def accepted_after(self) -> frozenset[str]:
        """Return the ids of the orders that were accepted at prices of the day or later."""
        return frozenset(event.terms.order_id for event in self.after if isinstance(event, OrderAccepted))


def events_since(journal: Journal, symbol: str, day: str) -> EventsAroundSplit:
    """Return the events since the last bar before `day`; the cost depends on their number."""
    events, start, first, before, then = journal.events, 0, len(journal.events), None, None
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if not isinstance(event, BarClosed):
            continue
        price = dict(event.marks).get(symbol)
        if event.session >= day:
            first, then = index + 1, then if price is None else price
            continue
        start = start or index + 1
        if price is not None:
            before = price
            break
    return EventsAroundSplit(tuple(events[start:first]), tuple(events[first:]), before, then)


def accepted_after_session(journal: Journal, order_id: str) -> str:
    """Return the session after whose last bar an order was accepted, "" before the first; the cost is its age."""
    events = reversed(journal.events)
    for event in events:
        if isinstance(event, OrderAccepted) and event.terms.order_id == order_id:
            break
    return next((event.session for event in events if isinstance(event, BarClosed)), "")


def late_split_obstacle(book: Book, since: EventsAroundSplit, symbol: str, day: str, ratio: Fraction) -> str | None:
    """Return why a split cannot be booked after the session of its ex-date `day`, or None.

    Booking it is correct if everything since then is independent of the number of shares: no order was filled or
    triggered, no dividend or borrow fee was booked, and the prices show the split. Without a position nothing depends
    on the number of shares.
    """
    if symbol not in book.positions:
        return None
    event = next(since.of_orders(book, symbol), None)
    if isinstance(event, OrderFilled):
        return f"order {event.order_id} was filled in shares of after the split"
    if event is not None:
        return "an order of it was triggered, moved or replaced at prices of after the split"
    booked = (*since.during, *since.after)
    if any(isinstance(each, DividendBooked) and each.symbol == symbol and each.ex_date >= day for each in booked):
        return "a dividend was booked on the number of shares of before the split"
    if book.quantity(symbol) < 0 and any(isinstance(each, Accrued) and each.session > day for each in booked):
        return "fees or interest were booked on the value of the short position before the split"
    if since.before is None or since.then is None:
        return "no price from before the split is known"
    return None if _explains(ratio, since.before, since.then) else "the prices around that day do not show the split"


def _explains(ratio: Fraction, before: int, then: int) -> bool:
    """Return whether a split by `ratio` is consistent with a change of the raw price from `before` to `then`."""
    move = Fraction(then, before)
    left = _size(move * ratio)
    return left <= UNEXPLAINED_MOVE or left <= _size(move)


def _size(factor: Fraction) -> Fraction:
    return max(factor, 1 / factor)
