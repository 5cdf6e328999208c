"""The history of an account: equity after every session, and all executions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...domain.orders import Action
from ..book.book import Book
from ..book.fold import fold
from ..model.events import BarClosed, Event
from ..model.order_events import OrderFilled
from ..pricing.units import MINOR, to_decimal
from .account_view import action


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """An account at the close of one session, in currency; cash includes unsettled trades."""

    session: str
    equity: Decimal
    cash: Decimal
    long_value: Decimal
    short_value: Decimal


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill in decimals: quantity in shares, prices in currency per share, commission in currency."""

    fill_id: str
    order_id: str
    decision_id: str
    symbol: str
    action: Action
    session: str
    quantity: Decimal
    price: Decimal
    reference: Decimal
    commission: Decimal
    ambiguous: bool


def equity_curve(events: Sequence[Event]) -> Iterator[EquityPoint]:
    """Yield one point for every completed session, by folding all events."""
    book = Book()
    for event in events:
        fold(book, event)
        if isinstance(event, BarClosed) and event.last:
            yield EquityPoint(
                event.session,
                *(to_decimal(units, MINOR) for units in (book.equity, book.cash, book.long_value, book.short_value)),
            )


def executions(events: Sequence[Event], book: Book) -> Iterator[Execution]:
    """Yield every fill of an account; `book` is the book folded from `events`."""
    for event in events:
        if isinstance(event, OrderFilled):
            terms = book.orders[event.order_id].terms
            instrument = book.instruments[terms.symbol]
            yield Execution(
                fill_id=event.fill_id,
                order_id=event.order_id,
                decision_id=terms.decision_id,
                symbol=terms.symbol,
                action=action(terms),
                session=event.session,
                quantity=to_decimal(event.quantity, instrument.quantity_scale),
                price=instrument.price(event.price),
                reference=instrument.price(event.reference),
                commission=to_decimal(event.commission, MINOR),
                ambiguous=event.ambiguous,
            )
