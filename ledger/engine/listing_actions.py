"""Actions on a listing as a whole: rename, quarantine and release."""

from datetime import date

from ...domain.errors import OrderRejected
from ..model.events import SymbolQuarantined, SymbolReleased, SymbolRenamed
from ..orders.proposals import ProposalActions
from ..orders.recorder import EventRecorder
from ..pricing.integer_bar import IntegerBar


class ListingActions:
    """The actions of one account, with the last bars by symbol that its broker keeps."""

    def __init__(self, recorder: EventRecorder, last_bars: dict[str, IntegerBar]) -> None:
        self._recorder, self._last_bars = recorder, last_bars

    def rename(self, symbol: str, new: str, session: date) -> None:
        """Move the position and the orders of `symbol` to `new`, once per symbol and session.

        Call it before the first bar of `session`. Raises OrderRejected if the account holds `new` or has orders in it,
        or has listed it with other scales, or `new` is delisted.
        """
        book, day = self._recorder.book, session.isoformat()
        if symbol not in book.instruments or f"rename:{symbol}:{day}" in book.actions or symbol == new:
            return
        if reason := self._conflict(symbol, new):
            raise OrderRejected(f"{symbol} cannot become {new} in account {book.account}: {reason}")
        live = tuple(order.terms.order_id for order in book.live_orders() if order.terms.symbol == symbol)
        self._recorder.record(SymbolRenamed(symbol, new, day, live))
        self._last_bars.pop(new, None)
        if symbol in self._last_bars:
            self._last_bars[new] = self._last_bars.pop(symbol)
        self._recorder.move_index(symbol, new)
        ProposalActions(self._recorder).lapse_symbol(symbol, f"{symbol} was renamed to {new}")

    def _conflict(self, symbol: str, new: str) -> str | None:
        book = self._recorder.book
        if new in book.delisted:
            return f"{new} is delisted"
        if book.quantity(new) or any(order.terms.symbol == new for order in book.live_orders()):
            return f"it has a position or orders in {new} already"
        old, known = book.instruments[symbol], book.instruments.get(new)
        if known and (known.price_scale, known.quantity_scale) != (old.price_scale, old.quantity_scale):
            return f"{new} is listed with other price or quantity steps"
        return None

    def quarantine(self, symbol: str, session: date, reason: str) -> None:
        """Accept no new orders in a symbol whose data cannot be used; once until it is released."""
        if symbol not in self._recorder.book.quarantined:
            self._recorder.record(SymbolQuarantined(symbol, session.isoformat(), reason))

    def release(self, symbol: str, session: date) -> None:
        """Accept orders in a quarantined symbol again."""
        if symbol in self._recorder.book.quarantined:
            self._recorder.record(SymbolReleased(symbol, session.isoformat()))
