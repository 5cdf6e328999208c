"""The broker: commands in, events out. It is deterministic: it reads no clock, no file and no market."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from ..domain.errors import ConfigError, LedgerError, OrderRejected
from .book.book import Book
from .book.codec import canonical, to_plain
from .book.fold import replay
from .book.journal import Journal
from .engine import cash_movements, corporate_actions
from .engine.listing_actions import ListingActions
from .engine.margin_call import check_maintenance
from .engine.matching import BarMatcher
from .engine.session_open import open_session
from .engine.waiting_entries import settle_waiting
from .model.account_rules import AccountRules
from .model.bar_time import BarTime, SessionCalendar
from .model.events import AccountOpened, BarClosed, DecisionRecorded, Event, InstrumentListed
from .model.instrument import Instrument
from .model.order import OrderState, OrderStatus, OrderTerms, RejectReason
from .model.order_events import OrderAccepted, OrderRefusal
from .model.order_request import OrderRequest
from .orders import safety
from .orders.proposals import ProposalActions, check_approved
from .orders.receipts import Receipt, repeated_receipt
from .orders.recorder import EventRecorder
from .orders.replacement import replace_terms
from .orders.validation import ValidationContext, own_requirement, validate
from .pricing.integer_bar import IntegerBar

NO_BARS: Mapping[str, Sequence[IntegerBar]] = {}


class Broker:
    """The broker of one account: prices are in ticks, quantities in quantity steps, money in minor units."""

    def __init__(self, journal: Journal, book: Book, sessions: SessionCalendar) -> None:
        self.journal, self.book, self.sessions = journal, book, sessions
        self.scribe = EventRecorder.rebuilt(book, journal)
        self._last_bars: dict[str, IntegerBar] = {}

    @classmethod
    def open(cls, account: str, rules: AccountRules, sessions: SessionCalendar, currency: str = "USD") -> "Broker":
        """Open a new account; raises ConfigError for an empty name."""
        if not account:
            raise ConfigError("the account name is empty; choose a name")
        broker = cls(Journal(), Book(), sessions)
        broker.scribe.record(AccountOpened(account, currency, canonical(to_plain(rules))))
        return broker

    @classmethod
    def replayed(cls, events: Sequence[Event], sessions: SessionCalendar) -> "Broker":
        """Return the broker of an account replayed from its events; new events are appended to its journal."""
        book, journal = replay(events)
        return cls(journal, book, sessions)

    @property
    def listings(self) -> ListingActions:
        """The actions on listings as a whole: rename, quarantine, release."""
        return ListingActions(self.scribe, self._last_bars)

    @property
    def proposals(self) -> ProposalActions:
        """The commands on orders that wait for approval: propose, approve, deny, lapse."""
        return ProposalActions(self.scribe)

    def list_instrument(self, instrument: Instrument) -> None:
        """Make an instrument tradable, once; raises ConfigError when it is listed with other attributes."""
        known = self.book.instruments.get(instrument.symbol)
        if known is None:
            self.scribe.record(InstrumentListed(instrument))
        elif known != instrument:
            raise ConfigError(f"{instrument.symbol} is already listed with other attributes; use the listed ones")

    def deposit(self, reference: str, amount: int) -> None:
        """Deposit `amount` minor units, once per reference; raises OrderRejected if not positive or changed."""
        cash_movements.deposit(self.scribe, reference, amount)

    def withdraw(self, reference: str, amount: int) -> None:
        """Withdraw `amount` minor units; repeating the reference with the same amount changes nothing.

        Raises OrderRejected for cash that is borrowed, reserved, unsettled or collateral, and like `deposit`.
        """
        cash_movements.withdraw(self.scribe, reference, amount)

    def submit(self, request: OrderRequest, *, reference: int | None = None) -> Receipt:
        """Accept or reject an order with its exits; it is first eligible on the bar `Book.next_bar`.

        An entry that awaits an exit is held until that order is done and the position is flat.

        `reference` is the last price in ticks; None uses the last bar or mark that the broker has of the symbol. Raises
        DuplicateOrder for an id that was used for another order, OrderRejected without order, run or decision id, and
        for a proposed order that is not approved.
        """
        terms = request.terms
        if not (terms.order_id and terms.run_id and terms.decision_id):
            raise OrderRejected("an order needs an order id, a run id and a decision id; set all three")
        orders = self.book.orders
        if terms.order_id in orders:
            return repeated_receipt(self.book, request, terms.order_id)
        for leg in request.exits:
            if leg.order_id in orders:
                return repeated_receipt(self.book, request, leg.order_id)
        check_approved(self.book, request)
        context = self._validation_context(terms, reference)
        answer = validate(context, request)
        if isinstance(answer, RejectReason):
            self.scribe.record(OrderRefusal(terms, request.exits, answer))
            return Receipt(terms.order_id, False, answer)
        self._accept(context, request, answer)
        exits = tuple([leg.order_id for leg in request.exits]) if request.exits else ()
        return Receipt(terms.order_id, True, None, exits)

    def _validation_context(self, terms: OrderTerms, reference: int | None = None) -> ValidationContext:
        if reference is None:
            bar = self._last_bars.get(terms.symbol)
            reference = bar.close if bar else self.book.marks.get(terms.symbol)
        return ValidationContext(self.book, reference, self.scribe.crossing.get(terms.symbol))

    def _accept(self, context: ValidationContext, request: OrderRequest, reserved: int) -> None:
        first_bar = self.book.next_bar
        terms, level = request.terms, None
        if terms.trail is not None and terms.stop is None and context.reference is not None:
            level = context.reference + terms.sign * terms.trail
        own = own_requirement(context, request, reserved) if request.exits else reserved
        self.scribe.record(OrderAccepted(terms, first_bar, own, held=terms.awaits is not None, stop=level))
        for leg in request.exits:
            self.scribe.record(
                OrderAccepted(leg, first_bar, 0 if leg.closing else reserved - own, held=leg.parent is not None)
            )

    def record_decision(self, run_id: str, symbol: str, outcome: str, *, supersedes: bool = True) -> None:
        """Record the desk's decision on `symbol`, once per run; with `supersedes`, cancel its replaceable entries.

        While the account is halted, nothing is canceled, because no new order could replace it.
        """
        if run_id in self.book.decisions:
            return
        self.scribe.record(DecisionRecorded(run_id, symbol, outcome))
        if supersedes and self.book.halted is None:
            for order in self.replaceable_entries(symbol):
                if not order.ended:
                    self.cancel(order.terms.order_id, RejectReason.SUPERSEDED)

    def resting_entries(self, symbol: str) -> tuple[OrderState, ...]:
        """Return the live orders that open or increase a position in `symbol`."""
        return tuple(o for o in self.book.live_orders() if o.terms.symbol == symbol and not o.terms.closing)

    def replaceable_entries(self, symbol: str) -> tuple[OrderState, ...]:
        """Return the resting entries that a decision replaces: those whose first bar does not begin before it."""
        return tuple(order for order in self.resting_entries(symbol) if not self.book.is_starting(order))

    def cancel(self, order_id: str, reason: RejectReason = RejectReason.ON_REQUEST) -> None:
        """Cancel an order with its siblings and held exits; raises OrderRejected if unknown or ended otherwise."""
        order = self.book.order(order_id)
        if order.status is OrderStatus.CANCELED:
            return
        if order.ended:
            raise OrderRejected(f"order {order_id} is already {order.status} and cannot be canceled")
        safety.cancel_linked(self.scribe, order, reason)

    def replace(
        self,
        order_id: str,
        *,
        quantity: int | None = None,
        limit: int | None = None,
        stop: int | None = None,
        reference: int | None = None,
        at_open: bool = False,
    ) -> None:
        """Replace the terms of a live order; None keeps a term. The order moves to the back of the queue.

        `reference` is the last price in ticks, as in `submit`. The new terms are eligible on the bar `Book.next_bar`,
        or with `at_open`, for terms that follow from the open of the next bar, on that bar.

        Raises OrderRejected with the reason when the new terms are not accepted; the order is then unchanged.
        """
        order = self.book.order(order_id)
        context = self._validation_context(order.terms, reference)
        first_bar = self.book.bar + 1 if at_open else self.book.next_bar
        self.scribe.record(replace_terms(context, order, quantity, limit, stop, first_bar))

    def reduce(self, reason: str) -> None:
        """Accept only orders that reduce a position, and cancel resting entries; a halted account stays halted."""
        safety.reduce_only(self.scribe, reason)

    def halt(self, reason: str, *, cancel_all: bool = False) -> None:
        """Halt the account: reject all new orders and cancel resting entries; with `cancel_all` resting exits too."""
        safety.halt(self.scribe, reason, cancel_all=cancel_all)

    def resume(self, reason: str = "") -> None:
        """Accept all orders again, from either state."""
        safety.resume(self.scribe, reason)

    def dividend(
        self, symbol: str, ex_date: date, amount: Fraction, pay_date: date | None = None, *, payment: int = 1
    ) -> None:
        """Book a dividend of `amount` (currency per share of the ex-date) on the quantity held going into it, once.

        Call it before the first bar of the ex-date, or as soon as the dividend becomes known. `payment` numbers the
        dividends of one ex-date from 1.
        """
        corporate_actions.book_dividend(self.scribe, symbol, ex_date, amount, pay_date, payment)

    def split(self, symbol: str, ex_date: date, ratio: Fraction) -> None:
        """Apply a split of `ratio` new shares per old share, once; call it before the first bar of the ex-date.

        Raises OrderRejected for a ratio that is not positive, or a processed session that depended on the old shares.
        """
        if ratio <= 0:
            raise OrderRejected(f"a split of {symbol} by {ratio} is invalid; the ratio must be positive")
        self._last_bars.pop(symbol, None)
        before = self.journal.seq
        corporate_actions.apply_split(self.scribe, symbol, ex_date, ratio)
        if self.journal.seq != before:
            self.proposals.lapse_symbol(symbol, f"{symbol} was split on {ex_date}")

    def delist(self, symbol: str, day: date, price: int | None) -> None:
        """Delist a symbol at `price` in ticks; None, an unknown price, books zero and flags the event."""
        corporate_actions.delist(self.scribe, symbol, day, price)
        if symbol in self.book.delisted:
            self.proposals.lapse_symbol(symbol, f"{symbol} was delisted on {day}")

    def on_bar(
        self, step: BarTime, bars: Mapping[str, IntegerBar], intraday: Mapping[str, Sequence[IntegerBar]] = NO_BARS
    ) -> tuple[Event, ...]:
        """Process one bar of all symbols and return the new events; repeating the last bar changes nothing.

        A symbol without a bar, or with a volume of zero, is halted. `intraday` resolves ambiguous fills. Raises
        LedgerError for an earlier bar, a session before the closing bar of the last one, or a bar after its own.
        """
        before, today = self.journal.seq, step.session.isoformat()
        if not self._is_next(step, today):
            return ()
        if today != self.book.session:
            open_session(self.scribe, step.session, today)
        safety.cancel_barred_entries(self.scribe)
        if self.scribe.resting:
            self._match(step, bars, intraday)
        settle_waiting(self.scribe, step)
        self._close_bar(step, today, bars)
        return tuple(self.journal.events[before:])

    def close_without_trading(self, step: BarTime) -> tuple[Event, ...]:
        """Process a session on which the market did not open: nothing fills and no order expires; like `on_bar`."""
        before, today = self.journal.seq, step.session.isoformat()
        if not self._is_next(step, today):
            return ()
        open_session(self.scribe, step.session, today)
        self._close_bar(step, today, {})
        return tuple(self.journal.events[before:])

    def _match(
        self, step: BarTime, bars: Mapping[str, IntegerBar], intraday: Mapping[str, Sequence[IntegerBar]]
    ) -> None:
        """Match the bar against the resting orders, and drop the symbols without resting orders."""
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
            raise LedgerError(f"the session {book.session} is {'over' if same else 'not over'}; check its closing bar")
        return True

    def _close_bar(self, step: BarTime, today: str, bars: Mapping[str, IntegerBar]) -> None:
        book = self.book
        self._last_bars.update(bars)
        watched = {*book.positions, *(order.terms.symbol for order in book.live_orders())}
        marks = tuple([(symbol, bars[symbol].close) for symbol in sorted(watched) if symbol in bars])
        self.scribe.record(BarClosed(book.bar + 1, step.start, today, step.last, marks))
        if step.last and book.rules.margin:
            check_maintenance(self.scribe, step.session, self.sessions)
