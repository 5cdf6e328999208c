"""Write events: into the journal, into the book, and into the index of live orders. The only way anything changes."""

from ..book.book import Book
from ..book.fold import fold
from ..book.journal import Journal
from ..model.entries import Entry
from ..model.events import Event
from ..model.order import OrderState, OrderStatus
from ..model.order_events import OrderAccepted, OrderActivated, OrderReplaced
from .order_index import RestingOrders
from .self_trade import SelfTradeIndex


class EventRecorder:
    """Holds the book with its journal and keeps the live orders of every symbol at hand.

    The index of live orders is derived: `rebuilt` makes it again from a book that was folded from a journal.
    """

    __slots__ = ("book", "crossing", "journal", "resting")

    def __init__(self, book: Book, journal: Journal) -> None:
        self.book, self.journal = book, journal
        self.resting: dict[str, RestingOrders[OrderState]] = {}
        self.crossing: dict[str, SelfTradeIndex] = {}

    @classmethod
    def rebuilt(cls, book: Book, journal: Journal) -> "EventRecorder":
        """Return a scribe for a book that already has live orders."""
        recorder = cls(book, journal)
        for order in book.live_orders():
            recorder.index(order)
        return recorder

    def record(self, event: Event) -> None:
        """Append `event` and everything that follows from it by counting."""
        orders = self.book.orders
        waiting = isinstance(event, OrderActivated) and orders[event.order_id].status is OrderStatus.HELD
        entry: Entry | None = fold(self.book, event)
        self.journal.events.append(event)
        if entry is not None:
            self.journal.entries.append(entry)
        if isinstance(event, OrderAccepted):
            self.index(orders[event.terms.order_id])
        elif isinstance(event, OrderReplaced) or (waiting and isinstance(event, OrderActivated)):
            self.index(orders[event.order_id])

    def index(self, order: OrderState) -> None:
        """Let an active order rest where the next bars find it."""
        if order.status is OrderStatus.HELD or order.ended:
            return
        symbol = order.terms.symbol
        resting, self_trades = self.resting.get(symbol), self.crossing.get(symbol)
        if resting is None:
            resting = self.resting[symbol] = RestingOrders()
        if self_trades is None:
            self_trades = self.crossing[symbol] = SelfTradeIndex()
        resting.put(order)
        self_trades.put(order)

    def reindex(self, symbol: str) -> None:
        """Arrange the live orders of one symbol anew, after their levels changed."""
        resting = self.resting.pop(symbol, None)
        self.crossing.pop(symbol, None)
        for order in resting.all() if resting else ():
            self.index(order)
