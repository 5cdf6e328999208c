"""Conversion of a book to the desk's account: decimals, holdings and open orders."""

from datetime import UTC, datetime
from decimal import Decimal

from ...domain.account import Account, Holding, RestingFacts
from ...domain.ids import ClientOrderId, Symbol
from ...domain.orders import Action, Order, OrderClass
from ..book.book import Book
from ..model.account_rules import BarInterval
from ..model.order import OrderState, OrderStatus, OrderTerms
from ..pricing.units import MINOR, to_decimal


def account_view(book: Book) -> Account:
    """Return the account as the desk sees it: cash, holdings and open orders.

    Cash includes all receivables and payables, so that equity equals the book's. Held exits are left out, entries that
    await an exit are shown; linked orders appear as simple orders.
    """
    resting = [order for order in book.live_orders() if order.status is not OrderStatus.HELD or order.terms.awaits]
    return Account(
        name=book.account,
        cash=to_decimal(book.money, MINOR),
        margin=book.rules.margin,
        fractional=book.rules.fractional,
        hourly_bars=book.rules.bars is BarInterval.HOURLY,
        currency=book.currency,
        state=book.state,
        holdings={Symbol(symbol): holding(book, symbol) for symbol in sorted(book.positions)},
        open_orders=tuple(to_domain_order(book, order) for order in resting),
        rejected_ids=tuple(sorted({ClientOrderId(book.whole_order_id(each)) for each in book.refused})),
        starting_ids=tuple(ClientOrderId(o.terms.order_id) for o in book.live_orders() if book.is_starting(o))
        if book.rules.crypto
        else (),
        resting_facts={ClientOrderId(order.terms.order_id): _resting_facts(book, order) for order in resting},
    )


def _resting_facts(book: Book, order: OrderState) -> RestingFacts:
    return RestingFacts(book.age(order), order.terms.group or "", order.terms.forced)


def holding(book: Book, symbol: str) -> Holding:
    """Return the position in `symbol`; the average cost of a short is its average sale price."""
    position, instrument = book.positions[symbol], book.instruments[symbol]
    quantity = to_decimal(position.quantity, instrument.quantity_scale)
    return Holding(
        symbol=Symbol(symbol),
        quantity=quantity,
        average_cost=to_decimal(position.cost, MINOR) / quantity,
        mark=instrument.price(book.marks[symbol]),
    )


def to_domain_order(book: Book, order: OrderState) -> Order:
    """Return the remaining part of an order as a desk order; its rationale names the decision."""
    terms, levels = order.terms, order.levels
    instrument = book.instruments[terms.symbol]

    def price(ticks: int | None) -> Decimal | None:
        return None if ticks is None else instrument.price(ticks)

    return Order(
        client_order_id=ClientOrderId(terms.order_id),
        symbol=Symbol(terms.symbol),
        action=action(terms),
        quantity=to_decimal(order.remaining, instrument.quantity_scale),
        type=terms.type,
        limit_price=price(levels.limit),
        stop_price=price(levels.stop),
        trail=price(order.trail),
        time_in_force=terms.tif,
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
        rationale=f"decision {terms.decision_id}",
        evidence=(),
        good_after=None if terms.good_after is None else datetime.fromtimestamp(terms.good_after, UTC),
        slice_of=None if terms.slice_of is None else ClientOrderId(terms.slice_of),
        awaits=ClientOrderId(terms.awaits) if terms.awaits and order.status is OrderStatus.HELD else None,
    )


def action(terms: OrderTerms) -> Action:
    """Return the action of an order: side and intent."""
    if terms.closing:
        return Action.COVER if terms.sign > 0 else Action.SELL
    return Action.BUY if terms.sign > 0 else Action.SHORT
