"""Orders that a person enters, through the same limits as a desk's."""

import json
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import count

from ...domain.account import AccountState
from ...domain.brief import Brief
from ...domain.decision import RiskOutcome
from ...domain.errors import DuplicateOrder, OrderRejected, RiskDenied
from ...domain.ids import ClientOrderId, Symbol
from ...domain.market import Quote
from ...domain.orders import Action, Order, OrderClass, OrderType, TimeInForce
from ...domain.outputs import PlannedOrder
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.model.account_rules import AccountRules
from ...ledger.model.instrument import Instrument
from ...ledger.model.order import RejectReason
from ...ledger.model.order_request import to_order_request
from ...ledger.pricing.units import rounded_units, to_decimal
from ...ledger.reports.account_view import action
from ...market.source import MarketSource
from ...market.view import MarketView
from ...risk.limit_settings import Limits
from ...risk.limits import apply_limits
from ...risk.order_checks import check_order
from ...risk.order_conversion import to_order
from ...tools.quote import build_quote
from .last_orders import MANUAL_RUN
from .paper_account import account_view, as_listed, traded_instrument

FULL = Decimal(1)


@dataclass(frozen=True, slots=True)
class ManualOrder:
    """An order as a person enters it: quantity in shares, prices in currency per share.

    Attributes:
        take_profit, stop_loss: prices of the exits of an entry; None for none.
        good_after: moment (aware) before which the order is not eligible; None for no such moment.
    """

    symbol: Symbol
    action: Action
    quantity: Decimal
    type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    good_after: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Return a hash of the order as entered; it is stored as the decision id."""
        names = [each.name for each in fields(self) if each.name != "good_after" or self.good_after is not None]
        values = [getattr(self, name) for name in names]
        texts = [f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) for value in values]
        return f"{MANUAL_RUN}-{sha256(json.dumps(texts).encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class ManualReceipt:
    """The result of a manual order.

    Attributes:
        asked, quantity: shares asked for, and accepted after the limits; None for `asked` if it is a repetition.
        status: status of the order.
        limits: a sentence for each limit that reduced the order.
        canceled: ids of resting entries that were canceled to close a position.
        repeated: whether the order had been entered before, so that nothing was changed.
    """

    order_id: str
    symbol: str
    action: str
    asked: Decimal | None
    quantity: Decimal
    status: str
    limits: tuple[str, ...] = ()
    canceled: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class QuotedListing:
    """What the market says about a symbol at `as_of`, read before the account is locked."""

    as_of: datetime
    quote: Quote
    instrument: Instrument
    next_session: date
    synthetic: bool


def quoted_listing(source: MarketSource, symbol: Symbol, as_of: datetime, rules: AccountRules) -> QuotedListing:
    """Return the quote of `symbol` at `as_of` and how it is traded; raises NoData without a current price."""
    view = MarketView(source, as_of)
    return QuotedListing(
        as_of,
        build_quote(view, symbol),
        traded_instrument(view, symbol, rules),
        view.calendar(symbol).next_open(as_of),
        source.synthetic,
    )


class ManualEntry:
    """Enters orders of a person in one symbol into one account, advanced to the session of the listing."""

    def __init__(self, broker: Broker, listing: QuotedListing, limits: Limits) -> None:
        self._broker, self._listing, self._limits = broker, listing, limits

    def submit(self, entered: ManualOrder, reference: str) -> ManualReceipt:
        """Apply the limits to an order and submit it, once per reference; an empty reference makes a new order.

        It is sized as at a conviction of 1. Raises OrderRejected for an order that the account does not accept,
        RiskDenied if the limits deny it, and DuplicateOrder for a reference that was used for another order.
        """
        order_id = manual_order_id(self._broker.book, entered.symbol, reference)
        if (known := known_receipt(self._broker.book, order_id, entered.fingerprint)) is not None:
            return known
        self._check_state(entered.action)
        brief = self._brief(entered.symbol)
        order = self._checked(entered, brief, order_id)
        risk = apply_limits((order,), FULL * order.action.sign, FULL, brief, self._limits)
        if not risk.allowed:
            raise RiskDenied(f"the limits deny the order: {risk.denied[0].reason}")
        self._send(risk.allowed[0], entered.fingerprint, brief.quote.last_close)
        return replace(
            _receipt(self._broker.book, order_id), asked=entered.quantity, limits=_sentences(risk), repeated=False
        )

    def close(self, symbol: Symbol, reference: str) -> ManualReceipt:
        """Close the position in a symbol with a market order for what other resting exits do not close already.

        The resting entries of the symbol are canceled, since they would open it again. Raises like `submit`, and
        OrderRejected without a position or if resting exits close all of it.
        """
        order_id = manual_order_id(self._broker.book, symbol, reference)
        if (known := known_receipt(self._broker.book, order_id, close_fingerprint(symbol))) is not None:
            return known
        book = self._broker.book
        held = book.quantity(symbol)
        if not held:
            raise OrderRejected(f"account {book.account} has no position in {symbol}; there is nothing to close")
        side = Action.SELL if held > 0 else Action.COVER
        self._check_state(side)
        left = abs(held) - book.reserved_for_exit.get(symbol, 0)
        if left <= 0:
            raise OrderRejected(f"resting orders close the whole position in {symbol} already; cancel them first")
        canceled = tuple(order.terms.order_id for order in self._broker.resting_entries(symbol))
        for each in canceled:
            self._broker.cancel(each)
        brief = self._brief(symbol)
        quantity = to_decimal(left, book.instruments[symbol].quantity_scale)
        order = self._checked(ManualOrder(symbol, side, quantity), brief, order_id)
        self._send(order, close_fingerprint(symbol), brief.quote.last_close)
        return replace(_receipt(book, order_id), asked=quantity, canceled=canceled, repeated=False)

    def _check_state(self, side: Action) -> None:
        book = self._broker.book
        if book.state is AccountState.HALTED:
            raise OrderRejected(
                f"account {book.account} is halted ({book.halted}) and accepts no new orders; `openoutcry paper "
                "reduce` accepts orders that reduce a position, `paper resume` accepts all"
            )
        if book.state is AccountState.REDUCING and side.opens:
            raise OrderRejected(
                f"account {book.account} is reducing ({book.reducing}) and accepts no entries; `openoutcry paper "
                "resume` accepts all orders"
            )

    def _brief(self, symbol: Symbol) -> Brief:
        account = account_view(self._broker, symbol, _no_decision)
        account = replace(account, open_orders=(*account.superseded, *account.open_orders), superseded=())
        listing, quote = self._listing, self._listing.quote
        return Brief(
            symbol=symbol,
            as_of=listing.as_of,
            session=quote.session,
            next_session=listing.next_session,
            quote=replace(quote, whole_shares=quote.whole_shares and not account.fractional),
            account=account,
            synthetic=listing.synthetic,
        )

    def _checked(self, entered: ManualOrder, brief: Brief, order_id: ClientOrderId) -> Order:
        """Return the order; raises OrderRejected with every defect, or if a number would have to be rounded."""
        planned = _planned(entered)
        if defects := check_order(planned, brief):
            raise OrderRejected(f"the order cannot be sent: {'; '.join(defects)}")
        order = to_order(planned, brief, order_id)
        asked = (entered.quantity, entered.limit_price, entered.stop_price, entered.trail)
        if asked != (order.quantity, order.limit_price, order.stop_price, order.trail):
            raise OrderRejected(
                f"the order cannot be sent: quantities are {'whole' if brief.quote.whole_shares else 'millionths of'} "
                f"shares and prices are multiples of {brief.quote.tick}"
            )
        if entered.good_after is not None and order.time_in_force not in (TimeInForce.DAY, TimeInForce.GTC):
            raise OrderRejected(
                f"the order cannot be sent: a good-after moment is for day and gtc, not {order.time_in_force}"
            )
        return replace(order, good_after=entered.good_after)

    def _send(self, order: Order, decision_id: str, last: Decimal) -> None:
        instrument = as_listed(self._listing.instrument, self._broker.book)
        self._broker.list_instrument(instrument)
        request = to_order_request(order, instrument, run_id=MANUAL_RUN, decision_id=decision_id)
        answer = self._broker.submit(request, reference=rounded_units(last, instrument.price_scale))
        if not answer.accepted:
            raise _rejected(order.client_order_id, answer.reason)


def close_fingerprint(symbol: Symbol) -> str:
    """Return the decision id of an order that closes a position."""
    return f"{MANUAL_RUN}-close-{symbol}"


def manual_order_id(book: Book, symbol: Symbol, reference: str) -> ClientOrderId:
    """Return `manual-REFERENCE`, or without a reference the next free number of the session and symbol."""
    if reference:
        return ClientOrderId(f"{MANUAL_RUN}-{reference}")
    stem = f"{MANUAL_RUN}-{book.session.replace('-', '')}-{symbol}-"
    taken = (f"{stem}{number}" for number in count(1))
    return ClientOrderId(next(each for each in taken if each not in book.orders))


def known_receipt(book: Book, order_id: str, fingerprint: str) -> ManualReceipt | None:
    """Return the receipt of an order that was entered before; raises DuplicateOrder for another one with its id."""
    found = book.orders.get(order_id)
    if found is None:
        return None
    if found.terms.decision_id != fingerprint:
        raise DuplicateOrder(f"the reference of {order_id} was used for another order; choose a new --reference")
    return _receipt(book, order_id)


def _no_decision(_: str) -> None:
    return None


def _planned(entered: ManualOrder) -> PlannedOrder:
    exits = sum(level is not None for level in (entered.take_profit, entered.stop_loss))
    return PlannedOrder(
        action=entered.action,
        quantity=entered.quantity,
        type=entered.type,
        limit_price=entered.limit_price,
        stop_price=entered.stop_price,
        trail=entered.trail,
        time_in_force=entered.time_in_force,
        order_class=(OrderClass.SIMPLE, OrderClass.OTO, OrderClass.BRACKET)[exits],
        take_profit_limit=entered.take_profit,
        stop_loss_stop=entered.stop_loss,
        stop_loss_limit=None,
        rationale="entered by a person",
        evidence=(),
    )


def _sentences(risk: RiskOutcome) -> tuple[str, ...]:
    return tuple(f"{clamp.limit}: {clamp.allowed:f} of {clamp.asked:f} shares: {clamp.reason}" for clamp in risk.clamps)


def _rejected(order_id: str, reason: RejectReason | None) -> OrderRejected:
    return OrderRejected(f"the broker rejects order {order_id}: {reason}")


def _receipt(book: Book, order_id: str) -> ManualReceipt:
    order = book.orders[order_id]
    quantity = to_decimal(order.terms.quantity, book.instruments[order.terms.symbol].quantity_scale)
    return ManualReceipt(order_id, order.terms.symbol, action(order.terms), None, quantity, order.status, repeated=True)
