"""Record events in the journal, the book and the order indexes. All changes of an account pass through here."""

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
    """The book and journal of an account, with indexes of the live orders of every symbol.

    The indexes are derived data; `rebuilt` creates them from a folded book.
    """

    __slots__ = ("book", "crossing", "journal", "resting")

    def __init__(self, book: Book, journal: Journal) -> None:
        self.book, self.journal = book, journal
        self.resting: dict[str, RestingOrders[OrderState]] = {}
        self.crossing: dict[str, SelfTradeIndex] = {}

    @classmethod
    def rebuilt(cls, book: Book, journal: Journal) -> "EventRecorder":
        """Return a recorder for a folded book, with its live orders indexed."""
        recorder = cls(book, journal)
        for order in book.live_orders():
            recorder.index(order)
        return recorder

    def record(self, event: Event) -> None:
        """Append `event` to the journal, fold it into the book and index a newly active order."""
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
        """Add an active order to the indexes; held and ended orders are ignored."""
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

    def move_index(self, symbol: str, new: str) -> None:
        """Index the live orders that moved from `symbol` to `new`."""
        for each in (symbol, new):
            self.resting.pop(each, None)
            self.crossing.pop(each, None)
        for order in self.book.live_orders():
            if order.terms.symbol == new:
                self.index(order)

    def reindex(self, symbol: str) -> None:
        """Rebuild the indexes of one symbol after the levels of its orders changed."""
        resting = self.resting.pop(symbol, None)
        self.crossing.pop(symbol, None)
        for order in resting.all() if resting else ():
            self.index(order)
