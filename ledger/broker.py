"""The broker: commands in, events out. Deterministic; it reads no clock, no file and no market but what it is given."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ..domain.errors import (
    ConfigError,
    DuplicateOrder,
    LedgerError,
    OrderRejected,
)
from .book.book import Book
from .book.codec import canonical, to_plain
from .book.fold import replay
from .book.journal import Journal
from .book.margin import withdrawable
from .engine import corporate_actions
from .engine.margin_call import check_maintenance
from .engine.matching import BarMatcher
from .engine.session_open import open_session
from .model.account_rules import AccountRules
from .model.bar_time import BarTime, SessionCalendar
from .model.events import (
    AccountHalted,
    AccountOpened,
    AccountResumed,
    BarClosed,
    DecisionRecorded,
    Deposited,
    Event,
    InstrumentListed,
)
from .model.instrument import Instrument
from .model.order import (
    OrderState,
    OrderStatus,
    OrderTerms,
    RejectReason,
)
from .model.order_events import OrderAccepted, OrderRefusal
from .model.order_request import OrderRequest
from .orders.contingent import cancel, siblings
from .orders.recorder import EventRecorder
from .orders.replacement import replace_terms
from .orders.validation import ValidationContext, own_requirement, validate
from .pricing.integer_bar import IntegerBar

NO_BARS: Mapping[str, Sequence[IntegerBar]] = {}


class Receipt(NamedTuple):
    """The answer to a submission; the same submission always gets the same one. `reason` says why it was rejected."""

    order_id: str
    accepted: bool
    reason: RejectReason | None
    exits: tuple[str, ...] = ()


class Broker:
    """One account: takes orders, processes bars, books corporate actions. Its state is in `book` and `journal`."""

    def __init__(self, journal: Journal, book: Book, sessions: SessionCalendar) -> None:
        self.journal, self.book, self.sessions = journal, book, sessions
        self.scribe = EventRecorder.rebuilt(book, journal)
        self._last_bars: dict[str, IntegerBar] = {}

    @classmethod
    def open(cls, account: str, rules: AccountRules, sessions: SessionCalendar, currency: str = "USD") -> "Broker":
        """Open a new account; raises ConfigError for a name that is empty."""
        if not account:
            raise ConfigError("an account needs a name; give it one")
        broker = cls(Journal(), Book(), sessions)
        broker.scribe.record(AccountOpened(account, currency, canonical(to_plain(rules))))
        return broker

    @classmethod
    def replayed(cls, events: Sequence[Event], sessions: SessionCalendar) -> "Broker":
        """Return the broker of an account as its journal says it is; what it does next is journalled anew."""
        book, journal = replay(events)
        return cls(journal, book, sessions)

    def list_instrument(self, instrument: Instrument) -> None:
        """Let an instrument be traded; the same again changes nothing, another form of it raises ConfigError."""
        known = self.book.instruments.get(instrument.symbol)
        if known is None:
            self.scribe.record(InstrumentListed(instrument))
        elif known != instrument:
            raise ConfigError(f"{instrument.symbol} is listed already with other scales; keep to the first ones")

    def deposit(self, reference: str, amount: int) -> None:
        """Add `amount` minor units from outside; repeating the reference with the same amount changes nothing."""
        if amount <= 0:
            raise OrderRejected(f"a deposit of {amount} is not positive; nothing was booked")
        self._move_cash(reference, amount)

    def withdraw(self, reference: str, amount: int) -> None:
        """Pay `amount` minor units out; raises OrderRejected when it is borrowed, reserved, unsettled or collateral."""
        if amount <= 0:
            raise OrderRejected(f"a withdrawal of {amount} is not positive; nothing was booked")
        if reference not in self.book.references and amount > (limit := withdrawable(self.book)):
            raise OrderRejected(f"{amount} cannot be withdrawn, only {limit} minor units are free; ask for less")
        self._move_cash(reference, -amount)

    def _move_cash(self, reference: str, amount: int) -> None:
        booked = self.book.references.get(reference)
        if booked is None:
            self.scribe.record(Deposited(reference, amount))
        elif booked != amount:
            raise OrderRejected(f"the reference {reference} was used for another amount; choose a new one")

    def submit(self, request: OrderRequest, *, reference: int | None = None) -> Receipt:
        """Take or reject an order with its exits; it is first eligible on the next bar.

        `reference` is the last price in ticks where the broker has seen no bar of the symbol. Raises DuplicateOrder
        for an id that was used with another body.
        """
        terms = request.terms
        if not (terms.order_id and terms.run_id and terms.decision_id):
            raise OrderRejected("an order needs its own id, a run and a decision; give all three")
        orders = self.book.orders
        if terms.order_id in orders:
            return self._answered(request, terms.order_id)
        for leg in request.exits:
            if leg.order_id in orders:
                return self._answered(request, leg.order_id)
        context = self._standing(terms, reference)
        answer = validate(context, request)
        if isinstance(answer, RejectReason):
            self.scribe.record(OrderRefusal(terms, request.exits, answer))
            return Receipt(terms.order_id, False, answer)
        self._accept(context, request, answer)
        exits = tuple([leg.order_id for leg in request.exits]) if request.exits else ()
        return Receipt(terms.order_id, True, None, exits)

    def _answered(self, request: OrderRequest, known: str) -> Receipt:
        """Return the answer that this very ticket got before; raises DuplicateOrder for any other."""
        order = self.book.orders.get(request.terms.order_id)
        if order is None or self._asked(order) != request:
            raise DuplicateOrder(f"{known} was used for another order; give this one its own id")
        return self._receipt(order)

    def _standing(self, terms: OrderTerms, reference: int | None = None) -> ValidationContext:
        if reference is None:
            bar = self._last_bars.get(terms.symbol)
            reference = bar.close if bar else self.book.marks.get(terms.symbol)
        return ValidationContext(self.book, reference, self.scribe.crossing.get(terms.symbol))

    def _asked(self, order: OrderState) -> OrderRequest:
        """Return the ticket that an order came with."""
        exits = self._receipt(order).exits
        return OrderRequest(order.terms, order.refused_exits or tuple(self.book.orders[each].terms for each in exits))

    def _accept(self, context: ValidationContext, request: OrderRequest, reserved: int) -> None:
        first_bar = self.book.bar + 1
        terms, level = request.terms, None
        if terms.trail is not None and terms.stop is None and context.reference is not None:
            level = context.reference + terms.sign * terms.trail
        own = own_requirement(context, request, reserved) if request.exits else reserved
        self.scribe.record(OrderAccepted(terms, first_bar, own, stop=level))
        for leg in request.exits:
            self.scribe.record(
                OrderAccepted(leg, first_bar, 0 if leg.closing else reserved - own, held=leg.parent is not None)
            )

    def _receipt(self, order: OrderState) -> Receipt:
        order_id = order.terms.order_id
        group = self.book.groups.get(order.terms.group or "", [])
        exits = [*self.book.children.get(order_id, []), *(each for each in group if each != order_id)]
        rejected = order.status is OrderStatus.REJECTED
        return Receipt(order_id, not rejected, order.reason if rejected else None, tuple(exits))

    def record_decision(self, run_id: str, symbol: str, outcome: str, *, supersedes: bool = True) -> None:
        """Note that the desk has decided on `symbol`; where that `supersedes`, cancel the entries that rest for it.

        What closes a position goes on resting, and so does everything while the account is halted: nothing could take
        its place. The same run again changes nothing.
        """
        if run_id in self.book.decisions:
            return
        self.scribe.record(DecisionRecorded(run_id, symbol, outcome))
        if supersedes and self.book.halted is None:
            for order in self.resting_entries(symbol):
                if not order.ended:
                    self.cancel(order.terms.order_id, RejectReason.SUPERSEDED)

    def resting_entries(self, symbol: str) -> tuple[OrderState, ...]:
        """Return the orders that rest to open a position in `symbol`, or to add to one."""
        return tuple(o for o in self.book.live_orders() if o.terms.symbol == symbol and not o.terms.closing)

    def cancel(self, order_id: str, reason: RejectReason = RejectReason.ON_REQUEST) -> None:
        """Cancel an order with its siblings and waiting exits; raises OrderRejected for one that ended otherwise."""
        order = self.book.order(order_id)
        if order.status is OrderStatus.CANCELED:
            return
        if order.ended:
            raise OrderRejected(f"order {order_id} is {order.status} already and cannot be canceled")
        for each in (order, *siblings(self.scribe, order)):
            cancel(self.scribe, each, reason)

    def replace(
        self, order_id: str, *, quantity: int | None = None, limit: int | None = None, stop: int | None = None
    ) -> None:
        """Give an open order new terms, None keeping the old; it goes to the back of the queue, its exits follow.

        Raises OrderRejected with the reason when the new terms are not accepted; the order then stays as it was.
        """
        order = self.book.order(order_id)
        self.scribe.record(replace_terms(self._standing(order.terms), order, quantity, limit, stop))

    def halt(self, reason: str) -> None:
        """Refuse all new orders from now on; what rests goes on resting."""
        if self.book.halted is None:
            self.scribe.record(AccountHalted(reason))

    def resume(self) -> None:
        """Take orders again."""
        if self.book.halted is not None:
            self.scribe.record(AccountResumed())

    def dividend(self, symbol: str, ex_date: date, amount: Fraction, pay_date: date | None = None) -> None:
        """Book a cash dividend of `amount` currency a share of the ex-date, on what was held going into it; once.

        Call it before the first bar of the ex-date, or as soon as it becomes known.
        """
        corporate_actions.book_dividend(self.scribe, symbol, ex_date, amount, pay_date)

    def split(self, symbol: str, ex_date: date, ratio: Fraction) -> None:
        """Apply a split of `ratio` new shares for one; call it before the first bar of the ex-date."""
        if ratio <= 0:
            raise OrderRejected(f"a split of {symbol} by {ratio} cannot be; the ratio is a positive number")
        self._last_bars.pop(symbol, None)
        corporate_actions.apply_split(self.scribe, symbol, ex_date, ratio)

    def delist(self, symbol: str, day: date, price: int | None) -> None:
        """End a symbol at `price` in ticks; None means an unknown price, and books zero, flagged."""
        corporate_actions.delist(self.scribe, symbol, day, price)

    def on_bar(
        self, step: BarTime, bars: Mapping[str, IntegerBar], intraday: Mapping[str, Sequence[IntegerBar]] = NO_BARS
    ) -> tuple[Event, ...]:
        """Walk one bar of all symbols and return what happened; a bar that was walked before changes nothing.

        A symbol without a bar, or with a volume of zero, is halted. Raises LedgerError for a bar that starts before
        the last one, or a new session before the last one had its closing bar.
        """
        before, today = self.journal.seq, step.session.isoformat()
        if not self._is_next(step, today):
            return ()
        if today != self.book.session:
            open_session(self.scribe, step.session, today)
        if self.scribe.resting:
            self._match(step, bars, intraday)
        self._close_bar(step, today, bars)
        return tuple(self.journal.events[before:])

    def _match(
        self, step: BarTime, bars: Mapping[str, IntegerBar], intraday: Mapping[str, Sequence[IntegerBar]]
    ) -> None:
        """Let the bar pass over what rests, and forget the symbols of which nothing rests any more."""
        match, everywhere = BarMatcher(self.scribe, step, self.sessions), self.scribe.resting
        for symbol in sorted(everywhere):
            resting = everywhere[symbol]
            if resting:
                bar = bars.get(symbol)
                match.finer = intraday.get(symbol, ())
                match.run(self.book.instruments[symbol], resting, bar if bar and bar.volume else None)
            if not resting:
                del everywhere[symbol]

    def _is_next(self, step: BarTime, today: str) -> bool:
        book = self.book
        same = today == book.session
        if same and step.start == book.start:
            return False
        if step.start <= book.start or today < book.session:
            raise LedgerError(f"a bar of {today} comes after one of {book.session}; bars must come in order")
        if same is book.session_closed:
            raise LedgerError(f"the session {book.session} is {'over' if same else 'not over'}; mark its bars so")
        return True

    def _close_bar(self, step: BarTime, today: str, bars: Mapping[str, IntegerBar]) -> None:
        book = self.book
        self._last_bars.update(bars)
        watched = {*book.positions, *self.scribe.resting}
        marks = tuple([(symbol, bars[symbol].close) for symbol in sorted(watched) if symbol in bars])
        self.scribe.record(BarClosed(book.bar + 1, step.start, today, step.last, marks))
        if step.last and book.rules.margin:
            check_maintenance(self.scribe, step.session, self.sessions)
