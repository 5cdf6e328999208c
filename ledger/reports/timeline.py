"""The order of a journal in time: bars follow one another, and fills come on bars after the acceptance of the order."""

from collections.abc import Iterator

from ..book.book import Book
from ..book.journal import Journal
from ..model.events import BarClosed, Event, SymbolRenamed
from ..model.order_events import OrderAccepted, OrderActivated, OrderFilled, OrderReplaced


def timeline_breaches(journal: Journal, _: Book) -> Iterator[str | None]:
    """Yield None for each event that is in order, and a sentence for each that is not.

    - Bars are numbered without a gap, start later than the one before, and never go back by session.
    - An order is accepted, replaced or activated for bars that have not closed.
    - A fill belongs to the bar that closes next: its number and session are those of the bar, and the bar's close lies
      in the range that the fill stores. The order was accepted before, for this bar or an earlier one.
    - A fill of an order with a good-after moment belongs to a bar that starts at that moment or later, or is a fill at
      the close of a session's last bar.
    """
    timeline = _Timeline()
    for event in journal.events:
        yield from timeline.read(event)


class _Timeline:
    """The last closed bar, the first bar of every order, and the fills of the bar that has not closed."""

    def __init__(self) -> None:
        self._last = BarClosed(-1, -(2**62), "", True, ())
        self._first_bars: dict[str, int] = {}
        self._symbols: dict[str, str] = {}
        self._good_after: dict[str, int] = {}
        self._fills: list[OrderFilled] = []

    def read(self, event: Event) -> Iterator[str | None]:
        """Yield the results for one event."""
        if isinstance(event, BarClosed):
            yield self._bar(event)
            yield from (self._fill_in(event, fill) for fill in self._fills)
            self._last, self._fills = event, []
        elif isinstance(event, OrderAccepted):
            self._symbols[event.terms.order_id] = event.terms.symbol
            if event.terms.good_after is not None:
                self._good_after[event.terms.order_id] = event.terms.good_after
            yield self._opens(event.terms.order_id, event.first_bar)
        elif isinstance(event, OrderReplaced | OrderActivated):
            yield self._opens(event.order_id, event.first_bar, before=isinstance(event, OrderActivated))
        elif isinstance(event, SymbolRenamed):
            self._symbols |= dict.fromkeys(event.orders, event.new)
        elif isinstance(event, OrderFilled):
            yield self._fill(event)
            self._fills.append(event)

    def _bar(self, bar: BarClosed) -> str | None:
        last = self._last
        fine = bar.bar == last.bar + 1 and bar.start > last.start and bar.session >= last.session
        return None if fine else f"bar {bar.bar} of {bar.session} does not follow bar {last.bar} of {last.session}"

    def _opens(self, order_id: str, first_bar: int, *, before: bool = False) -> str | None:
        """Record the first bar of an order; an exit that is increased (`before`) keeps an earlier one."""
        known = self._first_bars.get(order_id, -1)
        self._first_bars[order_id] = first_bar
        fine = first_bar > self._last.bar or (before and first_bar == known)
        return None if fine else f"order {order_id} was accepted for bar {first_bar}, which had closed before"

    def _fill(self, fill: OrderFilled) -> str | None:
        first = self._first_bars.get(fill.order_id)
        if first is None:
            return f"order {fill.order_id} was filled on bar {fill.bar}, before it was accepted"
        fine = fill.bar >= first and fill.bar == self._last.bar + 1
        return None if fine else f"order {fill.order_id} was filled on bar {fill.bar}, before it was due"

    def _fill_in(self, bar: BarClosed, fill: OrderFilled) -> str | None:
        """Check a fill against the bar that closed after it."""
        if (fill.bar, fill.session) != (bar.bar, bar.session):
            return f"the fill {fill.fill_id} is dated {fill.session}, its bar {bar.bar} is of {bar.session}"
        close = dict(bar.marks).get(self._symbols.get(fill.order_id, ""))
        if self._good_after.get(fill.order_id, bar.start) > bar.start and not (bar.last and fill.reference == close):
            return f"the fill {fill.fill_id} comes before the moment after which its order is good"
        if close is None or fill.low is None or fill.high is None or fill.low <= close <= fill.high:
            return None
        return f"the fill {fill.fill_id} has a bar from {fill.low} to {fill.high}, which closed at {close}"
