"""The ledger's book in the words that a desk reads: integers become decimals, states become orders."""

from decimal import Decimal

from ..domain.account import Account, Holding
from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import Action, Order, OrderClass
from ..ledger.book import Book
from ..ledger.instrument import Instrument
from ..ledger.order import OrderState, OrderStatus
from ..ledger.units import MINOR, decimal


def as_account(book: Book) -> Account:
    """Return the account with all that is due to it counted as cash, so that its equity is the book's."""
    holdings = (_holding(book, symbol) for symbol in book.positions)
    return Account(
        name=book.account,
        cash=decimal(book.money, MINOR),
        margin=book.rules.margin,
        holdings={holding.symbol: holding for holding in holdings},
        open_orders=tuple(_order(state, book.instruments[state.terms.symbol]) for state in resting(book)),
    )


def resting(book: Book) -> tuple[OrderState, ...]:
    """Return the orders that a bar may fill, by place in the queue; exits that wait for their entry are left out."""
    return tuple(state for state in book.live_orders() if state.status is not OrderStatus.HELD)


def _holding(book: Book, symbol: str) -> Holding:
    position, scale = book.positions[symbol], book.instruments[symbol]
    shares = decimal(position.quantity, scale.quantity_scale)
    return Holding(
        symbol=Symbol(symbol),
        quantity=shares,
        average_cost=decimal(position.cost, MINOR) / shares,
        mark=decimal(book.marks[symbol], scale.price_scale),
    )


def _order(state: OrderState, scale: Instrument) -> Order:
    def price(ticks: int | None) -> Decimal | None:
        return None if ticks is None else decimal(ticks, scale.price_scale)

    terms = state.terms
    return Order(
        client_order_id=ClientOrderId(terms.order_id),
        symbol=Symbol(terms.symbol),
        action=_action(terms.sign, closing=terms.closing),
        quantity=decimal(state.remaining, scale.quantity_scale),
        type=terms.type,
        limit_price=price(state.levels.limit),
        stop_price=price(state.levels.stop),
        trail=price(state.trail),
        time_in_force=terms.tif,
        order_class=OrderClass.SIMPLE,
        take_profit=None,
        stop_loss=None,
        rationale="resting at the broker",
        evidence=(),
    )


def _action(sign: int, *, closing: bool) -> Action:
    if closing:
        return Action.COVER if sign > 0 else Action.SELL
    return Action.BUY if sign > 0 else Action.SHORT
