"""The good-after moment of an order: on which bars it may be filled, and until when it cannot end."""

from ...domain.orders import OrderType
from ..model.bar_time import BarTime, SessionCalendar
from ..model.order import OrderState
from ..pricing.integer_bar import IntegerBar
from ..pricing.triggers import Phase, Trigger


class GoodAfterRule:
    """Judges orders on one bar. `step` is the bar's position in time, `sessions` the calendar of the account."""

    __slots__ = ("_sessions", "_step")

    def __init__(self, step: BarTime, sessions: SessionCalendar) -> None:
        self._step, self._sessions = step, sessions

    def is_eligible(self, order: OrderState) -> bool:
        """Return whether the bar starts at the order's good-after moment or later.

        A market order is also eligible on the last bar of the session if its moment lies inside that bar, since the
        close is a price after it.
        """
        if not self._lies_ahead(order):
            return True
        return order.terms.type is OrderType.MARKET and not self.is_waiting(order)

    def is_waiting(self, order: OrderState) -> bool:
        """Return whether the bar ends at the order's good-after moment or earlier, so that the order stays open."""
        good_after = order.terms.good_after
        if good_after is None or good_after <= self._step.start:
            return False
        return not self._step.last or good_after >= self._sessions.close(self._step.session).timestamp()

    def trigger(self, order: OrderState, bar: IntegerBar) -> Trigger | None:
        """Return the fill at the close of an eligible order whose moment lies inside the bar; None for any other."""
        return Trigger(Phase.CLOSE, bar.close, ambiguous=True) if self._lies_ahead(order) else None

    def _lies_ahead(self, order: OrderState) -> bool:
        return order.terms.good_after is not None and order.terms.good_after > self._step.start
