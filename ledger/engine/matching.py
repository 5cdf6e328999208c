"""Matching of one symbol's orders on one bar: triggers, priority, volume and prices."""

from collections.abc import Sequence
from heapq import heappop, heappush

from ...domain.orders import OrderType, TimeInForce
from ..book.margin import buying_power, requirement
from ..model.bar_time import BarTime, SessionCalendar, settlement_day
from ..model.events import BarClosed
from ..model.instrument import Instrument
from ..model.order import OrderState, RejectReason
from ..model.order_events import OrderFilled, StopTriggered, TrailingStopMoved
from ..orders.contingent import after_fill, cancel, cap_exits, expire, held_exits, siblings, stop_entry
from ..orders.order_index import RestingOrders
from ..orders.recorder import EventRecorder
from ..pricing.entry_bar import EXITS, EntryBar, EntryBarOutcome, follow_intraday, is_falling
from ..pricing.integer_bar import IntegerBar
from ..pricing.intrabar import first_fill_index, resolve_stop_limit
from ..pricing.triggers import (
    MARKET_AFTER_TRIGGER,
    Phase,
    Trigger,
    evaluate,
)
from ..pricing.units import divide_half_even
from .good_after import GoodAfterRule
from .waiting_entries import release_after_fill

DAY, OPG, CLS, IOC, FOK = (TimeInForce[name] for name in ("DAY", "OPG", "CLS", "IOC", "FOK"))
LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
PriorityKey = tuple[int, int, int, bool, int]
NO_EXITS = EntryBarOutcome(())


class BarMatcher:
    """Matches the live orders of one symbol on one bar. `bar` is None for a halt; `finer` holds its intraday bars."""

    __slots__ = (
        "bar",
        "entered",
        "finer",
        "good_after",
        "instrument",
        "left",
        "number",
        "queue",
        "resting",
        "scribe",
        "sessions",
        "settles",
        "step",
        "taken",
    )

    def __init__(self, recorder: EventRecorder, step: BarTime, sessions: SessionCalendar) -> None:
        self.scribe, self.step, self.sessions = recorder, step, sessions
        self.good_after = GoodAfterRule(step, sessions)
        self.finer: Sequence[IntegerBar] = ()
        self.number = recorder.book.bar + 1
        self.settles: str | None = None

    def run(self, instrument: Instrument, resting: RestingOrders[OrderState], bar: IntegerBar | None) -> None:
        """Fill, trigger, cancel and expire the resting orders on `bar`."""
        self.instrument, self.resting, self.bar = instrument, resting, bar
        self.left = self._volume_cap(bar)
        self.queue: list[tuple[PriorityKey, OrderState, Trigger]] = []
        self.taken: list[OrderState] = []
        self.entered: list[OrderState] = []
        self._collect(resting.pop_reachable(bar))
        while self.queue:
            _, order, trigger = heappop(self.queue)
            if not order.ended:
                self._execute_trigger(order, trigger)
        for order in self.taken:
            if not order.ended and order not in self.entered:
                self._finish(order)
            if not order.ended:
                resting.put(order)

    def _volume_cap(self, bar: IntegerBar | None) -> int | None:
        share = self.scribe.book.rules.participation_bps
        if bar is None or share is None:
            return None
        return bar.volume * self.instrument.quantity_scale * share // 10_000

    def _collect(self, orders: Sequence[OrderState]) -> None:
        self.taken.extend(orders)
        bar = self.bar
        if bar is None:
            return
        for order in orders:
            if not self._eligible(order):
                continue
            trigger = self.good_after.trigger(order, bar) or self._reach(order, bar)
            if trigger is not None:
                heappush(self.queue, (self._place(order, trigger), order, trigger))

    def _reach(self, order: OrderState, bar: IntegerBar) -> Trigger | None:
        trigger = evaluate(order.levels, bar, order.triggered)
        if trigger is not None and trigger.ambiguous and self.finer:
            return resolve_stop_limit(order.levels, self.finer, bar)
        return trigger

    def _eligible(self, order: OrderState) -> bool:
        if order.first_bar > self.number or not self.good_after.is_eligible(order):
            return False
        tif = order.levels.tif
        return self.step.first if tif is OPG else (self._in_time(order) if tif is CLS else True)

    def _in_time(self, order: OrderState) -> bool:
        """Return whether this is the closing bar and the CLS order was accepted before the cutoff.

        The time of acceptance is not stored; the start of the first eligible bar is used as its latest value.
        """
        if not self.step.last:
            return False
        cutoff = self.sessions.close(self.step.session).timestamp() - 60 * self.scribe.book.rules.close_cutoff_minutes
        if order.first_bar == self.number:
            return self.step.start <= cutoff
        closed = (event for event in reversed(self.scribe.journal.events) if isinstance(event, BarClosed))
        return next(event.start for event in closed if event.bar <= order.first_bar) <= cutoff

    def _place(self, order: OrderState, trigger: Trigger) -> PriorityKey:
        """Return the priority of a trigger: by phase, or for OCO legs by the first intraday bar that fills them.

        Within a phase exits come before entries, then orders in queue order.
        """
        phase, opens = trigger.phase, not order.terms.closing
        if self.finer and order.terms.group and phase in (Phase.STOPS, Phase.LIMITS):
            return (
                Phase.STOPS, first_fill_index(order.levels, self.finer, order.triggered), phase, opens, order.seq,
            )  # fmt: skip
        return (phase, 0, phase, opens, order.seq)

    def _execute_trigger(self, order: OrderState, trigger: Trigger) -> None:
        if trigger.triggered and not order.triggered:
            self.scribe.record(StopTriggered(order.terms.order_id, trigger.ambiguous))
        quantity = self._fillable(order)
        if (
            order.levels.type in MARKET_AFTER_TRIGGER
            and not (order.triggered or order.ended)
            and quantity < order.remaining
        ):
            self.scribe.record(StopTriggered(order.terms.order_id, ambiguous=False))
        bar = self.bar
        if trigger.price is None or quantity <= 0 or bar is None:
            if order.terms.parent and not order.ended:
                stop_entry(self.scribe, order, RejectReason.EXIT_TRIGGERED)
            return
        limit = order.levels.limit if order.levels.type in LIMITED else None
        size = (quantity, self.instrument.quantity_scale)
        price = self.scribe.book.rules.slippage.price(trigger.price, order.terms.sign, size, limit, bar)
        self._execute(order, quantity, price, trigger, bar)

    def _fillable(self, order: OrderState) -> int:
        """Return the quantity that can be filled now, limited by remainder, position to close and bar volume.

        A closing order without a position to close is canceled.
        """
        wanted = order.remaining
        if order.terms.closing:
            wanted = min(wanted, self._opposite(order))
            if not wanted:
                cancel(self.scribe, order, RejectReason.NOTHING_TO_CLOSE)
        if self.left is not None and wanted > self.left:
            wanted = 0 if order.levels.tif is FOK else self.left - self.left % self.instrument.lot
        return wanted

    def _opposite(self, order: OrderState) -> int:
        held = self.scribe.book.quantity(order.terms.symbol)
        return abs(held) if held * order.terms.sign < 0 else 0

    def _execute(self, order: OrderState, quantity: int, price: int, trigger: Trigger, bar: IntegerBar) -> None:
        book, terms = self.scribe.book, order.terms
        value = self.instrument.money(price, quantity)
        commission = book.rules.commission.total(
            order.filled + quantity, self.instrument.quantity_scale, order.value + value
        )
        commission = max(0, commission - order.commission)
        if not self._affordable(order, quantity, value, commission):
            cancel(self.scribe, order, RejectReason.NO_BUYING_POWER)
            return
        if terms.parent:
            stop_entry(self.scribe, order, RejectReason.EXIT_FILLED)
        closes = bool(self._opposite(order))
        exits, after = self._exits_after_entry(order, trigger, bar)
        contested = bool(terms.group) and self._contested(order, trigger)
        ambiguous = trigger.ambiguous or contested or after.uncertain
        fill_id = f"{terms.order_id}#{self.number}"
        session = self.step.session.isoformat()
        self.scribe.record(
            OrderFilled(
                fill_id, terms.order_id, self.number, session, quantity, price, trigger.price or price,
                book.rules.slippage.name, value, commission, self._settlement(), ambiguous, bar.low, bar.high,
            )
        )  # fmt: skip
        if self.left is not None:
            self.left -= quantity
        self._consequences(order, quantity, trigger)
        self._reach_exits(exits, after)
        if closes:
            self._follow()
            if release_after_fill(self.scribe, terms.symbol, self.step, price, at_open=trigger.phase is Phase.OPEN):
                self._collect(self.resting.pop_reachable(bar))

    def _exits_after_entry(
        self, order: OrderState, trigger: Trigger, bar: IntegerBar
    ) -> tuple[list[OrderState], EntryBarOutcome]:
        """Return the exits that a fill inside the bar activates, and what the rest of the bar does to them."""
        if trigger.phase not in (Phase.STOPS, Phase.LIMITS) or order.terms.order_id not in self.scribe.book.children:
            return [], NO_EXITS
        exits = [each for each in held_exits(self.scribe, order) if each.levels.type in EXITS]
        levels, reference = [each.levels for each in exits], trigger.price
        if not exits or reference is None:
            return [], NO_EXITS
        after = follow_intraday((order.levels, order.triggered), levels, self.finer, bar) if self.finer else None
        if after is None:
            after = EntryBar(bar, reference, falling=is_falling(order.terms.sign, trigger.phase)).outcome(levels)
        return exits, after

    def _reach_exits(self, exits: list[OrderState], after: EntryBarOutcome) -> None:
        """Queue the exits that the bar reaches after their entry."""
        self.entered += exits
        for index in {each.exit for each in after.reached}:
            self.resting.discard(exits[index])
            self.taken.append(exits[index])
        for each in after.reached:
            order, trigger = exits[each.exit], each.trigger
            key = (Phase.STOPS, each.place, trigger.phase, False, order.seq)
            heappush(self.queue, (key, order, trigger))

    def _settlement(self) -> str:
        if self.settles is None:
            day = self.step.session
            settles = settlement_day(day, self.sessions) if self.scribe.book.rules.settles else day
            self.settles = settles.isoformat()
        return self.settles

    def _affordable(self, order: OrderState, quantity: int, value: int, commission: int) -> bool:
        """Check the opening part of a fill against the buying power plus the reservations of the order and siblings."""
        opening = quantity - min(quantity, self._opposite(order))
        if not opening or order.terms.forced:
            return True
        opened = divide_half_even(value * opening, quantity)
        book = self.scribe.book
        reserved = order.reserved + sum(each.reserved for each in siblings(self.scribe, order))
        return requirement(book, opened, commission) <= buying_power(book) + reserved

    def _contested(self, order: OrderState, trigger: Trigger) -> bool:
        """Return whether the bar reached a sibling at the same time, so that only the priority rule decided."""
        mine = self._place(order, trigger)[:2]
        for _, other, reached in self.queue:
            if other.terms.group == order.terms.group and not other.ended and reached.price is not None:
                theirs = self._place(other, reached)[:2]
                both_inside = (
                    Phase.STOPS <= trigger.phase <= Phase.LIMITS and Phase.STOPS <= reached.phase <= Phase.LIMITS
                )
                if both_inside and (theirs == mine or not self.finer):
                    return True
        return False

    def _consequences(self, order: OrderState, quantity: int, trigger: Trigger) -> None:
        at_open = trigger.phase is Phase.OPEN
        related = order.terms.group or order.terms.order_id in self.scribe.book.children
        first_bar = self.number + 1 if trigger.phase is Phase.CLOSE else self.number
        alive = related and after_fill(self.scribe, order, quantity, first_bar)
        if alive and at_open:
            self._collect(self.resting.pop_reachable(self.bar))

    def _follow(self) -> None:
        """Limit the resting exits to a position that has become smaller."""
        held = self.scribe.book.quantity(self.instrument.symbol)
        if held and not self.scribe.book.children:
            return
        live = {order.terms.order_id: order for order in (*self.taken, *self.resting.all()) if not order.ended}
        cap_exits(self.scribe, [order for order in live.values() if order.terms.closing], held)

    def _finish(self, order: OrderState) -> None:
        """Cancel or expire orders that end with the bar or session; move trailing stops after the completed bar."""
        if order.first_bar > self.number or self.good_after.is_waiting(order):
            return
        tif = order.levels.tif
        if tif is IOC or tif is FOK:
            cancel(self.scribe, order, RejectReason.IMMEDIATE)
        elif tif is CLS and self.step.last and not self._in_time(order):
            cancel(self.scribe, order, RejectReason.AFTER_CUTOFF)
        elif (tif is OPG and self.step.first) or ((tif is DAY or tif is CLS) and self.step.last):
            expire(self.scribe, order)
        elif order.trail is not None and self.bar is not None and not order.triggered:
            self._ratchet(order, order.trail, self.bar)

    def _ratchet(self, order: OrderState, trail: int, bar: IntegerBar) -> None:
        sign, stop = order.terms.sign, order.levels.stop
        level = bar.low + trail if sign > 0 else bar.high - trail
        if stop is None or sign * level < sign * stop:
            self.scribe.record(TrailingStopMoved(order.terms.order_id, level))
